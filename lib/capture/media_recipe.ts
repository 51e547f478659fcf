/**
 * How ffmpeg opens files and URLs, and the built-in picture.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { DEFAULT_FPS, DEFAULT_SIZE } from "../camera/mode.ts";
import { mpjpegInput } from "../jpeg/mpjpeg.ts";
import { FED, type Recipe } from "./ffmpeg_args.ts";
import type { Picture } from "./picture.ts";
import type { Source } from "./source.ts";
import type { StreamFacts } from "./stream_report.ts";

/** Over what RTSP cameras send their pictures: `auto` is TCP, and UDP where there is no TCP. */
export type RtspTransport = "auto" | "tcp" | "udp";

/** A source that plays for less than this, in seconds, may be a single picture. */
const SINGLE_SECONDS = 0.2;

/** A tick of 40 ms at the start of each second, 12 dB below the loudest. */
const TICKS = "aevalsrc=exprs='if(lt(mod(t,1),0.04),0.25*sin(2*PI*1000*t),0)':s=48000:n=480";

/**
 * The built-in picture: a frame counter, a clock, and things that move.
 *
 * @param hasSound whether it also ticks when a second of its clock begins
 */
export function testRecipe(picture: Picture, hasSound = false): Recipe {
  const { width, height }: Size = picture.size ?? DEFAULT_SIZE;
  // A side that was left open makes it 16:9, in even numbers.
  const size = [
    width ?? Math.round(height! * 16 / 9 / 2) * 2,
    height ?? Math.round(width! * 9 / 16 / 2) * 2,
  ].join("x");
  const graph = `testsrc2=size=${size}:rate=${picture.fps ?? DEFAULT_FPS}`;
  const input = ["-re", "-f", "lavfi", "-i", graph];
  if (!hasSound) return { input, copy: false };
  return { input: [...input, "-re", "-f", "lavfi", "-i", TICKS], copy: false, sound: "1:a:0" };
}

/**
 * A file or a URL that ffmpeg opens. Before the first report nothing is known of it: a file is then
 * taken for encoded video, a URL for a live stream.
 *
 * @param facts what ffmpeg reported of it
 */
export function mediaRecipe(
  source: Extract<Source, { kind: "file" | "url" }>,
  picture: Picture,
  facts?: StreamFacts,
  rtspTransport: RtspTransport = "auto",
): Recipe {
  const { fps, quality, size, loop = false } = picture;
  const isLive = source.kind === "url" && facts?.seconds === undefined;
  const repeats = loop && !isLive && facts !== undefined && !isSinglePicture(facts);
  // JPEGs one after another carry no times: --fps says how fast to play them.
  const isUntimed = /^(mjpeg|jpeg_pipe|image2)$/.test(facts?.container ?? "") && !isLive;
  const input = [
    ...(isLive ? ["-flags", "low_delay"] : ["-re"]),
    ...(repeats ? ["-stream_loop", "-1"] : []),
    ...(fps !== undefined && isUntimed ? ["-framerate", `${fps}`] : []),
    ...(source.kind === "url" && /^rtsps?:/.test(source.url) ? rtspInput(rtspTransport) : []),
    "-i",
    urlOf(source),
  ];
  const copy = facts?.codec === "mjpeg" && quality === undefined && size === undefined &&
    (fps === undefined || isUntimed);
  return { input, copy, ends: source.kind === "url" ? !isLive : !repeats };
}

/** Whether a source may hold one picture only, so that repeating it would flood the viewers. */
export function isSinglePicture({ container, seconds, isAttached }: StreamFacts): boolean {
  return isAttached || container === "image2" || (seconds ?? 0) < SINGLE_SECONDS;
}

/** Video that we write to ffmpeg, as it came from a source. */
export const FED_STREAM: Recipe = { input: ["-flags", "low_delay", "-i", FED], copy: false };

/** JPEGs that we write to ffmpeg at the pace at which they come. */
export const FED_PICTURES: Recipe = {
  input: [
    ...["-fflags", "nobuffer", "-probesize", "32", "-analyzeduration", "0"],
    ...["-use_wallclock_as_timestamps", "1", ...mpjpegInput(), "-i", FED],
  ],
  copy: false,
};

/** How ffmpeg is to open a file or URL: a file name cannot become an option or a protocol. */
export function urlOf(source: Extract<Source, { kind: "file" | "url" }>): string {
  return source.kind === "file" ? `file:${source.path}` : source.url;
}

/** ffmpeg-protocols manual, "rtsp". */
function rtspInput(transport: RtspTransport): string[] {
  // UDP first, which is ffmpeg's default, shows nothing where a firewall or NAT drops it.
  return transport === "auto" ? ["-rtsp_flags", "prefer_tcp"] : ["-rtsp_transport", transport];
}
