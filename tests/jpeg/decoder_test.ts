// JPEGs of all kinds, through ffmpeg.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Decoder, type DecoderOptions } from "../../lib/jpeg/decoder.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { CELLS } from "../../lib/receive/motion.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { skipped } from "../support/skipped.ts";

/** The decoded pictures of some JPEGs. */
async function decode(
  jpegs: Uint8Array[],
  options: Pick<DecoderOptions, "size" | "fit" | "format" | "lowres">,
): Promise<Uint8Array[]> {
  const pictures: Uint8Array[] = [];
  await using decoder = new Decoder({
    ...options,
    onPicture: (picture) => pictures.push(picture.slice()),
    signal: new AbortController().signal,
  });
  for (const jpeg of jpegs) await decoder.decode(Frame.from(jpeg, { time: 0 }));
  await until(() => pictures.length >= jpegs.length, "the last pictures"); // ffmpeg may be slow
  return pictures;
}

function distance(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, level, index) => sum + Math.abs(level - b[index]), 0) / a.length;
}

/** The same picture by ImageMagick, which writes progressive JPEGs and any sampling. */
async function converted(jpeg: Uint8Array, args: string[]): Promise<Uint8Array> {
  await using folder = new Folder();
  await Deno.writeFile(`${folder.path}/a.jpg`, jpeg);
  const paths = [`${folder.path}/a.jpg`, ...args, `${folder.path}/b.jpg`];
  const { success } = await new Deno.Command("convert", { args: paths }).output();
  assert(success);
  return await Deno.readFile(`${folder.path}/b.jpg`);
}

const hasConvert = await new Deno.Command("convert", { args: ["-version"] }).output()
  .then(({ success }) => success, () => false);
if (!hasConvert) skipped("ImageMagick's convert is not installed");

Deno.test({
  name: "Decoder with lowres 3 takes any sampling, grey and progressive JPEGs",
  ignore: !hasConvert,
  fn: async () => {
    const [jpeg] = await ffmpegJpegs("640x360", 1);
    const samplings = ["4:2:0", "4:2:2", "4:4:4", "4:4:0", "4:1:1"];
    const kinds = [
      ...samplings.flatMap((sampling) => [["-sampling-factor", sampling], [
        "-sampling-factor",
        sampling,
        "-interlace",
        "JPEG",
      ]]),
      ["-grayscale", "Rec601Luma"],
      ["-grayscale", "Rec601Luma", "-interlace", "JPEG"],
      ["-quality", "10"],
    ];
    const jpegs = [];
    for (const kind of kinds) jpegs.push(await converted(jpeg, kind));
    const [whole] = await decode([jpeg], { size: CELLS, format: "gray" });
    const coarse = await decode(jpegs, { size: CELLS, format: "gray", fit: "stretch", lowres: 3 });
    assertEquals(coarse.length, kinds.length);
    coarse.forEach((picture, index) => {
      assertEquals(picture.length, CELLS.width * CELLS.height);
      assert(distance(picture, whole) < 12, `${kinds[index]}: ${distance(picture, whole)}`);
    });
  },
});

Deno.test("Decoder with lowres 3 takes changing sizes and fills the picture", async () => {
  const sizes = ["640x480", "1920x1080", "16x16", "322x242", "64x600"];
  const jpegs = [];
  for (const size of sizes) jpegs.push(...await ffmpegJpegs(size, 1));
  const pictures = await decode(jpegs, { size: CELLS, format: "gray", fit: "stretch", lowres: 3 });
  assertEquals(pictures.length, sizes.length);
  const tall = pictures[4];
  const column = Array.from({ length: CELLS.height }, (_, y) => tall[y * CELLS.width]);
  assert(column.some((level) => level > 50), "there is no border");
});

Deno.test("Decoder gives complete pictures with black borders", async () => {
  const size = { width: 64, height: 32 };
  const [jpeg] = await ffmpegJpegs("64x64", 1);
  const [gray] = await decode([jpeg], { size, format: "gray" });
  assertEquals(gray.length, 64 * 32);
  assertEquals([...gray.subarray(0, 8)], Array(8).fill(gray[0]));
  assert(gray[0] <= 16, "black at the left");
  const [yuv] = await decode([jpeg], { size });
  assertEquals(yuv.length, 64 * 32 * 3 / 2);
});
