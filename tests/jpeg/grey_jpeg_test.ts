// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { encodeGrey, type GreyPicture } from "../../lib/jpeg/grey_jpeg.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Random } from "../support/random.ts";

/** Makes a picture, pixel by pixel. */
function picture(
  width: number,
  height: number,
  grey: (x: number, y: number) => number,
): GreyPicture {
  const at = (index: number) => grey(index % width, Math.floor(index / width));
  return { width, height, pixels: Uint8Array.from({ length: width * height }, (_, i) => at(i)) };
}

const random = new Random(1);
const PICTURES: [string, GreyPicture, number][] = [
  ["one grey", picture(64, 48, () => 77), 2],
  ["black", picture(64, 48, () => 0), 2],
  ["white", picture(64, 48, () => 255), 2],
  ["one pixel", picture(1, 1, () => 200), 2],
  ["odd sizes", picture(33, 17, (x, y) => 4 * x + 5 * y), 12],
  ["the greatest steps", picture(64, 64, (x, y) => (x >> 3 ^ y >> 3) & 1 ? 255 : 0), 2],
  ["the finest pattern", picture(64, 64, (x, y) => (x ^ y) & 1 ? 255 : 0), 32],
  ["noise", picture(80, 40, () => random.below(256)), 60],
  ["a slope", picture(160, 8, (x) => x), 12],
];

Deno.test("encodeGrey() makes JPEGs that ffmpeg reads as they were meant", async () => {
  for (const [name, original, tolerance] of PICTURES) {
    const jpeg = encodeGrey(original);
    assertEquals(sizeOf(jpeg), { width: original.width, height: original.height }, name);
    const splitter = new JpegSplitter();
    assertEquals(splitter.push(jpeg).map((frame) => frame.jpeg.length), [jpeg.length], name);
    const raw = ["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"];
    const args = ["-f", "mjpeg", "-err_detect", "explode", "-xerror", "-i", "pipe:0", ...raw];
    const decoded = await ffmpeg(args, jpeg);
    assertEquals(decoded.length, original.pixels.length, name);
    const worst = Math.max(
      ...decoded.map((grey, index) => Math.abs(grey - original.pixels[index])),
    );
    assert(worst <= tolerance, `${name}: ${worst} levels off`);
  }
});
