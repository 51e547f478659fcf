/**
 * Prepared videos and pictures, so that nothing is encoded while something is measured.
 *
 * @module
 */

import { Child } from "../lib/program/child.ts";
import type { Frame } from "../lib/jpeg/frame.ts";
import { splitJpegs } from "../lib/jpeg/split_jpegs.ts";
import { Folder } from "./undo.ts";

/** Makes videos when they are first asked for, in a folder that goes when this is disposed of. */
export class Clips implements Disposable {
  #folder = new Folder();
  #made = new Map<string, Promise<string>>();

  /**
   * A few seconds of MJPEG in AVI: a container that carries the frame rate.
   *
   * @param filter changes the moving test picture
   */
  get(size: string, fps: number, filter = "null"): Promise<string> {
    const what = `${size}@${fps}, ${filter}`;
    const path = `${this.#folder.path}/${this.#made.size}.avi`;
    const made = this.#made.get(what) ?? encode(path, size, fps, filter);
    this.#made.set(what, made);
    return made;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

async function encode(
  path: string,
  size: string,
  fps: number,
  filter: string,
): Promise<string> {
  // deno-fmt-ignore
  await using ffmpeg = Child.spawn("ffmpeg", [
    "-loglevel", "error", "-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${fps}`,
    "-vf", filter, "-t", "4", "-c:v", "mjpeg", "-q:v", "5", "-y", path,
  ]);
  if (!(await ffmpeg.status).success) {
    throw new Error(`Cannot make a video: ${ffmpeg.tail.join("\n")}`);
  }
  return path;
}

/** Pictures of ffmpeg's moving test picture, changed by a filter. */
export async function pictures(size: string, count: number, filter = "null"): Promise<Frame[]> {
  // deno-fmt-ignore
  await using ffmpeg = Child.spawn("ffmpeg", [
    "-loglevel", "error", "-f", "lavfi", "-i", `testsrc2=size=${size}`, "-vf", filter,
    "-frames:v", `${count}`, "-c:v", "mjpeg", "-q:v", "5", "-f", "mjpeg", "pipe:1",
  ], { stdout: "piped" });
  const frames = await Array.fromAsync(splitJpegs(ffmpeg.process.stdout));
  if (!(await ffmpeg.status).success || frames.length !== count) {
    throw new Error(`Cannot make pictures: ${ffmpeg.tail.join("\n")}`);
  }
  return frames;
}

/** The size of the pictures in a video, on average. */
export async function bytesPerFrame(clip: string): Promise<number> {
  const args = ["-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", clip];
  const { stdout } = await new Deno.Command("ffprobe", { args }).output();
  const sizes = new TextDecoder().decode(stdout).trim().split(/\s+/).map((size) => parseInt(size));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}
