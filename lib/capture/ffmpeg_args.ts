/**
 * How ffmpeg is called to deliver a source as MJPEG.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { type Changes, filtersFor, isChanged, isReshaped } from "./filters.ts";
import { DEFAULT_FPS, DEFAULT_SIZE, type SelectedMode } from "../camera/mode.ts";
import { nameOf, type Source } from "./source.ts";
import type { Size } from "../base/size.ts";

/** What the user asked of the picture. */
export interface Picture extends Changes {
  /** @default the source's own */
  size?: Size;
  /** Frames per second. @default the source's own */
  fps?: number;
  /** JPEG quality, 1 to 100. @default untouched where the source is MJPEG, or else 90 */
  quality?: number;
  /** Play a file again and again. @default {false} */
  loop?: boolean;
  /** Pass JPEGs on untouched or fail; or, when false, always encode. @default what fits the rest */
  copy?: boolean;
}

/**
 * What is asked of a source that can give pictures of any size. One that gets
 * another shape afterwards is captured as if no size had been asked for, and scaled.
 */
export function askedOfSource(picture: Picture): Picture {
  if (!isReshaped(picture)) return picture;
  const { size: _, ...rest } = picture;
  return rest;
}

/** One way of calling ffmpeg. */
export interface Recipe {
  /** Options and the input, up to and including `-i`. */
  input: string[];
  /** Whether the source's JPEGs pass through untouched. */
  copy: boolean;
  /** Whether it comes to an end by itself, as a file does. @default {false} */
  ends?: boolean;
}

const DEFAULT_QUALITY = 90;

/** The way to capture from a camera in one of the modes that it offers. */
export function modeRecipe(
  path: string,
  { format, width, height, fps }: SelectedMode,
  picture: Picture,
  os = Deno.build.os,
): Recipe {
  const mode = ["-video_size", `${width}x${height}`, "-framerate", `${fps}`];
  switch (os) {
    case "darwin": // the camera's own format is not to be had
      return { input: ["-f", "avfoundation", ...mode, "-i", `${path}:none`], copy: false };
    case "windows": {
      const kind = /^(mjpeg|h264|hevc)$/.test(format) ? "-vcodec" : "-pixel_format";
      const input = ["-f", "dshow", kind, format, ...mode, "-i", `video=${path}`];
      return { input, copy: format === "mjpeg" && picture.quality === undefined };
    }
    default: {
      const input = ["-f", "v4l2", ...mode, "-input_format", format, "-i", path];
      return { input, copy: format === "mjpeg" && picture.quality === undefined };
    }
  }
}

/**
 * The ways to capture from a camera of which no modes are known, best first; one fails
 * if the camera cannot.
 */
export function cameraRecipes(
  path: string,
  picture: Picture,
  os = Deno.build.os,
): Recipe[] {
  const size = picture.size ?? DEFAULT_SIZE;
  const mode = [
    ...(size.width && size.height ? ["-video_size", `${size.width}x${size.height}`] : []),
    "-framerate",
    `${picture.fps ?? DEFAULT_FPS}`,
  ];
  // A camera's own JPEGs are passed on if nothing else is asked of them.
  const copy = picture.quality === undefined && isExact(picture.size);
  switch (os) {
    case "darwin":
      return [{
        input: ["-f", "avfoundation", ...mode, "-i", `${path}:none`],
        copy: false,
      }];
    case "windows":
      return [
        {
          input: [
            "-f",
            "dshow",
            "-vcodec",
            "mjpeg",
            ...mode,
            "-i",
            `video=${path}`,
          ],
          copy,
        },
        { input: ["-f", "dshow", ...mode, "-i", `video=${path}`], copy: false },
      ];
    default: {
      const v4l2 = ["-f", "v4l2", ...mode];
      return [
        { input: [...v4l2, "-input_format", "mjpeg", "-i", path], copy },
        { input: [...v4l2, "-i", path], copy: false },
      ];
    }
  }
}

/**
 * The recipes that do as the user asked, to pass JPEGs on or to encode them.
 *
 * @throws {UsageError} if they are to be passed on and none can
 */
export function forced(recipes: Recipe[], { copy }: Picture, source: Source): Recipe[] {
  if (copy === undefined) return recipes;
  if (!copy) return recipes.map(({ input }) => ({ input, copy: false }));
  const copying = recipes.filter((recipe) => recipe.copy);
  if (copying.length > 0) return copying;
  throw new UsageError(
    `Cannot pass the pictures of ${
      nameOf(source)
    } on untouched: it gives no MJPEG. Leave out --copy`,
  );
}

/** The way to play the built-in picture: a frame counter, a clock, and things that move. */
export function testRecipe(picture: Picture): Recipe {
  const { width, height }: Size = picture.size ?? DEFAULT_SIZE;
  // What is left open makes it 16:9, in even numbers.
  const size = [
    width ?? Math.round(height! * 16 / 9 / 2) * 2,
    height ?? Math.round(width! * 9 / 16 / 2) * 2,
  ].join("x");
  const graph = `testsrc2=size=${size}:rate=${picture.fps ?? DEFAULT_FPS}`;
  return { input: ["-re", "-f", "lavfi", "-i", graph], copy: false };
}

/** What ffprobe found in a file or at a URL. */
export interface Probe {
  /** ffmpeg's name of the video codec. */
  codec: string;
  /** ffmpeg's name of the container. */
  container: string;
  /** Whether it comes at a pace of its own, and not as fast as it is read. */
  isLive: boolean;
}

/** The way to play a file or a URL. */
export function mediaRecipe(
  source: Source,
  picture: Picture,
  probe: Probe,
): Recipe {
  const { codec, container, isLive } = probe;
  const { fps, loop = false } = picture;
  // JPEGs one after another carry no times: --fps says how fast they are meant.
  const isUntimed = /^(mjpeg|jpeg_pipe|image2)$/.test(container) && !isLive;
  const input = isLive ? ["-flags", "low_delay"] : ["-re"];
  // What passes a single JPEG on untouched does so only once.
  if (loop) input.push(...(container === "image2" ? ["-loop", "1"] : ["-stream_loop", "-1"]));
  if (fps !== undefined) {
    if (isUntimed) input.push("-framerate", `${fps}`);
    if (source.kind === "stdin") input.push("-use_wallclock_as_timestamps", "1");
  }
  if (source.kind === "stdin") input.push("-f", "mjpeg"); // else 5 s are spent to find that out
  input.push("-i", urlOf(source));
  const copy = codec === "mjpeg" && picture.quality === undefined &&
    picture.size === undefined && (fps === undefined || isUntimed);
  return { input, copy, ends: source.kind === "url" ? !isLive : !loop };
}

/** How ffmpeg is to open a file or URL: a file name cannot become an option or a protocol. */
export function urlOf(source: Source): string {
  switch (source.kind) {
    case "file":
      return `file:${source.path}`;
    case "url":
      return source.url;
    case "stdin":
      return "pipe:0";
    default:
      throw new TypeError(`Cannot open ${source.kind} as a file`);
  }
}

/** Complete arguments for ffmpeg, from a recipe. `timing` is how this ffmpeg spells the option. */
export function ffmpegArgs(
  recipe: Recipe,
  source: Source,
  picture: Picture,
  output: string,
  timing: "-fps_mode" | "-vsync" = "-fps_mode",
): string[] {
  return [
    "-hide_banner",
    "-nostats",
    ...(source.kind === "stdin" ? [] : ["-nostdin"]),
    ...recipe.input,
    "-map",
    "0:v:0",
    ...(recipe.copy && !isChanged(picture)
      ? ["-c:v", "copy"]
      : encoderArgs(source, picture, timing)),
    "-f",
    "mjpeg",
    "-y",
    output,
  ];
}

function encoderArgs(
  source: Source,
  picture: Picture,
  timing: string,
): string[] {
  const { kind } = source;
  const isPaced = kind === "test" || kind === "device" || kind === "screen"; // as it was asked to
  // A camera was asked for an exact size and gives the nearest it has.
  const isSized = !isReshaped(picture) &&
    (kind === "test" || kind === "device" && isExact(picture.size));
  const filters = filtersFor(
    picture,
    isPaced ? undefined : picture.fps,
    isSized ? undefined : picture.size,
  );
  return [
    ...(filters.length > 0 ? ["-vf", filters.join(",")] : []),
    timing,
    "passthrough", // as captured: no frame twice, none waits for another
    // Or else times count in frames, and of two that jitter lets fall into one the encoder dies.
    "-enc_time_base",
    "1:1000000",
    "-c:v",
    "mjpeg",
    "-pix_fmt",
    "yuvj420p",
    "-q:v",
    `${scaleOf(picture.quality ?? DEFAULT_QUALITY)}`,
    // With more threads the encoder holds back a frame: it works on several at once.
    "-threads",
    "1",
  ];
}

/** ffmpeg's quantizer scale, 31 (worst) to 2 (best), for a quality of 1 to 100. */
function scaleOf(quality: number): number {
  return Math.round(31 - (quality - 1) / 99 * 29);
}

function isExact(size: Size | undefined): boolean {
  return size === undefined ||
    (size.width !== undefined && size.height !== undefined);
}
