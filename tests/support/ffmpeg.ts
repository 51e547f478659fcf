/**
 * ffmpeg, for clips that tests need, and to read what became of them.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";

/** Runs ffmpeg to its end. */
export async function ffmpeg(args: string[], stdin?: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-y", ...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const fed = stdin === undefined
    ? undefined
    : new Blob([stdin as BlobPart]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  await fed;
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

/** Width and height of one bit in the pictures of {@linkcode numberedPictures}, in pixels. */
const BIT = 16;
const BITS = 12;

/** An ffmpeg source whose pictures show their number in binary, one black or white column a bit. */
export function numberedPictures(fps: number): string {
  return `nullsrc=size=${BIT * BITS}x64:rate=${fps},format=yuvj420p,` +
    `geq=lum='255*mod(floor(N/pow(2,floor(X/${BIT}))),2)':cb=128:cr=128`;
}

/** Writes a clip of as many numbered pictures, by default as MJPEG of high quality. */
export async function numberedClip(
  path: string,
  fps: number,
  count: number,
  encoder: string[] = ["-c:v", "mjpeg", "-q:v", "2"],
): Promise<Uint8Array> {
  const source = ["-f", "lavfi", "-i", numberedPictures(fps), "-frames:v", `${count}`];
  return await ffmpeg([...source, ...encoder, path]);
}

/** Reads the numbers out of pictures, whatever has happened to them on the way. */
export async function readNumbers(jpegs: Uint8Array[]): Promise<number[]> {
  const all = new Uint8Array(await new Blob(jpegs as BlobPart[]).arrayBuffer());
  const size = `${BITS}:4`;
  const pixels = await ffmpeg([
    ...["-f", "mjpeg", "-i", "pipe:0", "-fps_mode", "passthrough"],
    ...["-vf", `scale=${size}:flags=area,format=gray`, "-f", "rawvideo", "pipe:1"],
  ], all);
  const pictureBytes = BITS * 4;
  return jpegs.map((_, index) => {
    const row = pixels.subarray(index * pictureBytes + BITS, index * pictureBytes + 2 * BITS);
    return row.reduce((number, level, bit) => number + (level > 127 ? 1 << bit : 0), 0);
  });
}
