/**
 * How sharp the pictures are that fit a slow link, beside H.264 of the same rate.
 *
 * @module
 */

import { ladderOf } from "../lib/rendition/ladder.ts";
import { bytesPerFrame } from "./clip.ts";
import { type Figure, figure, type Row } from "./figures.ts";

const SIZE = { width: 1280, height: 720 };
const FPS = 30;
const KILOBITS = [5000, 2000, 1000, 500];

/**
 * The row: for some rates the sharpest rung that fits, and H.264 at that rate, against the source
 * (SSIM, 1 is the same). What is shown is scaled to the size of the source.
 */
export const sharpness: Row = {
  about: "SSIM of adapted pictures, and of H.264 at the same rate",
  async *run(bench) {
    const clip = await bench.clip(`${SIZE.width}x${SIZE.height}`, FPS);
    const source = await bytesPerFrame(clip);
    for (const kilobits of KILOBITS) {
      // The estimates of a ladder are for real pictures; here each rung is tried.
      for (const { size, qscale } of ladderOf({ size: SIZE, qscale: 5 })) {
        const out = `${clip}.${size.width}.${qscale}.avi`;
        const scale = `scale=${size.width}:${size.height}:flags=bilinear`;
        const encoded = qscale === undefined
          ? clip
          : await encode(clip, out, ["-vf", scale, "-c:v", "mjpeg", "-q:v", `${qscale}`]);
        const bytes = qscale === undefined ? source : await bytesPerFrame(encoded);
        if (bytes * 8 * FPS > kilobits * 1000) continue;
        yield* await figures(`${kilobits} kbit/s`, "MJPEG, adapted", clip, encoded);
        break;
      }
      const rate = `${kilobits}k`;
      const h264 = await encode(clip, `${clip}.${rate}.mkv`, [
        ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
        ...["-b:v", rate, "-maxrate", rate, "-bufsize", rate],
      ]);
      yield* await figures(`${kilobits} kbit/s`, "H.264", clip, h264);
    }
  },
};

async function figures(of: string, what: string, clip: string, encoded: string): Promise<Figure[]> {
  return [figure(["Sharpness at 30 fps, SSIM", of, what], await ssim(clip, encoded), "", 3)];
}

async function encode(clip: string, out: string, args: string[]): Promise<string> {
  await ffmpeg(["-y", "-i", clip, ...args, out]);
  return out;
}

/** The structural similarity of two videos of the same pictures, 1 at most. */
async function ssim(source: string, other: string): Promise<number> {
  const filter = `[1:v]scale=${SIZE.width}:${SIZE.height}:flags=bicubic,format=yuvj420p[b];` +
    "[0:v]format=yuvj420p[a];[a][b]ssim";
  const text = await ffmpeg(["-i", source, "-i", other, "-lavfi", filter, "-f", "null", "-"]);
  return Number(/SSIM .*All:([0-9.]+)/.exec(text)![1]);
}

async function ffmpeg(args: string[]): Promise<string> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", ...args],
  }).output();
  const text = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot run ffmpeg ${args.join(" ")}: ${text}`);
  return text;
}
