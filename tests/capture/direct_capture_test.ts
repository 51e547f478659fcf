// How often ffmpeg is started for a file, with real ffmpeg.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Capture } from "../../lib/capture/capture.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";

/** Takes frames of a file; with `loop`, more than it holds. @returns how often ffmpeg opened it */
async function startsFor(path: string, loop: boolean, frames: number): Promise<number> {
  const stop = new AbortController();
  let [count, starts] = [0, 0];
  const options = {
    signal: stop.signal,
    loop,
    onLine: (line: string) => void (starts += line.startsWith("Input #0") ? 1 : 0),
  };
  for await (const frame of new Capture({ kind: "file", path }).frames(options)) {
    frame.release();
    if (++count === frames) stop.abort();
  }
  assert(count >= frames, `${path}: ${count} frames`); // some are on their way when it is stopped
  return starts;
}

Deno.test("Capture opens a video once, and again where it was not what it looked like", async () => {
  await using folder = new Folder();
  const video = (seconds: number) => [
    ...["-f", "lavfi", "-i", `testsrc2=size=64x48:rate=50:duration=${seconds}`],
    ...["-pix_fmt", "yuvj420p"],
  ];
  const cases: [string, string[], boolean, number, number][] = [
    ["mjpeg.mkv", [...video(0.4), "-c:v", "mjpeg"], false, 20, 1],
    ["mjpeg.mkv", [...video(0.4), "-c:v", "mjpeg"], true, 30, 1],
    ["mjpeg.avi", [...video(0.4), "-c:v", "mjpeg"], true, 30, 1],
    ["mpeg4.mp4", [...video(0.4), "-c:v", "mpeg4"], true, 30, 1],
    // ffmpeg alone knows.
    ["mjpeg.mov", [...video(0.4), "-c:v", "mjpeg"], true, 30, 2],
    ["one.mkv", [...video(0.02), "-c:v", "mjpeg"], true, 2, 2],
  ];
  for (const [name, args, loop, frames, starts] of cases) {
    const path = `${folder.path}/${name}`;
    await ffmpeg([...args, "-y", path]);
    assertEquals(await startsFor(path, loop, frames), starts, `${name}, ${loop}`);
  }
});
