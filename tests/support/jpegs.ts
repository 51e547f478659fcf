/**
 * JPEGs made by hand, down to the byte (ITU-T T.81, annex B), and by real encoders.
 *
 * Those by hand have the structure of a JPEG and no picture in it: a splitter
 * looks at nothing else.
 */

// @ts-types="../../lib/std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "../../lib/jpeg/frame.ts";
import { Marker } from "../../lib/jpeg/markers.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { Folder } from "./folder.ts";

export const SOI: Bytes = Uint8Array.of(0xff, Marker.SOI);
export const EOI: Bytes = Uint8Array.of(0xff, Marker.EOI);
/** Entropy-coded data: no marker in it, and a stuffed `FF`. */
export const SCAN: Bytes = Uint8Array.of(0x12, 0x34, 0xff, 0x00, 0x56);

/** Puts bytes and pieces together. */
export function join(...parts: (number | Uint8Array)[]): Bytes {
  return concat(parts.map((part) => typeof part === "number" ? Uint8Array.of(part) : part));
}

/** A marker segment: marker, length and content. */
export function segment(code: number, ...content: (number | Uint8Array)[]): Bytes {
  const bytes = join(...content);
  const length = bytes.length + 2;
  return join(0xff, code, length >> 8, length & 0xff, bytes);
}

/** A quantization table, every entry of it `value`. */
export function dqt(number: number, value = 16): Bytes {
  return segment(Marker.DQT, number, new Uint8Array(64).fill(value));
}

/** A frame header of three components, the first with table 0, the others with table 1. */
export function sof(width = 16, height = 8, code: number = Marker.SOF0): Bytes {
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return segment(code, 8, ...size, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1);
}

/** A Huffman table of one code. */
export const DHT: Bytes = segment(Marker.DHT, 0, 1, new Uint8Array(15), 0);
/** A scan header; entropy-coded data follows it. */
export const SOS: Bytes = segment(Marker.SOS, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0);
/** What stands before the first scan of any JPEG. */
export const HEADER: Bytes = join(SOI, dqt(0), dqt(1), sof(), DHT);

/** A whole JPEG with `scan` in it, one that can be told from others. */
export function jpeg(scan: Uint8Array = SCAN): Bytes {
  return join(HEADER, SOS, scan, EOI);
}

/** A picture that says (CIPA DC-007) that `count` others, of `bytes` each, follow it. */
export function multiPicture(bytes: number, count: number): Bytes {
  const file = (offset: number) => {
    const uint32 = (
      value: number,
    ) => [value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255];
    const pictures = Array.from({ length: count + 1 }, (_, n) => [
      ...[...uint32(0), ...uint32(bytes)],
      ...[...uint32(n === 0 ? 0 : offset + (n - 1) * bytes), 0, 0, 0, 0],
    ]).flat();
    const directory = [0, 1, 0xb0, 0x02, 0, 7, ...uint32(pictures.length), ...uint32(26)];
    const tiff = [0x4d, 0x4d, 0, 42, ...uint32(8), ...directory, ...uint32(0), ...pictures];
    const header = [0x4d, 0x50, 0x46, 0];
    return join(
      SOI,
      segment(Marker.APP0 + 2, ...header, ...tiff),
      HEADER.subarray(2),
      join(SOS, SCAN, EOI),
    );
  };
  return file(file(0).length - 10); // from the TIFF header: SOI, marker, length and "MPF" before it
}

/** The moving test picture of ffmpeg, one JPEG an element, as ffmpeg itself tells them apart. */
export async function ffmpegJpegs(
  size: string,
  count: number,
  encoder: string[] = [],
): Promise<Uint8Array[]> {
  await using folder = new Folder();
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=${size}`, "-frames:v", `${count}`];
  await ffmpeg([...picture, "-pix_fmt", "yuvj420p", ...encoder, `${folder.path}/%d.jpg`]);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return await Promise.all(numbers.map((number) => Deno.readFile(`${folder.path}/${number}.jpg`)));
}

/** Leaves out the DHT segments of a JPEG, as many cameras do. */
export function withoutHuffmanTables(jpeg: Uint8Array): Uint8Array {
  const kept = [SOI];
  let at = 2;
  for (let end = at; jpeg[at + 1] !== Marker.SOS; at = end) {
    end = at + 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
    if (jpeg[at + 1] !== Marker.DHT) kept.push(join(jpeg.subarray(at, end)));
  }
  return join(...kept, jpeg.subarray(at));
}
