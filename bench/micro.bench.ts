/**
 * The inner loops alone: `deno bench -A bench`. The names tell the bytes of one
 * iteration: GB/s are iterations per second times GB.
 *
 * @module
 */

import { encodeDescribedFrame, encodeFrame, MessageReader } from "../lib/protocol/codec.ts";
import { type Bytes, Frame, MAX_FRAME_BYTES } from "../lib/jpeg/frame.ts";
import { JpegSplitter } from "../lib/jpeg/splitter.ts";
import { pictures } from "./clip.ts";

const frames = await pictures("1920x1080", 16);
const total = frames.reduce((sum, { jpeg }) => sum + jpeg.length, 0);
const bytes = `${(total / 1e6).toFixed(2)} MB in ${frames.length} frames`;

/** One after another, cut into pieces of `size` bytes. */
function chunks(parts: Uint8Array[], size: number): Uint8Array[] {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return Array.from(
    { length: Math.ceil(all.length / size) },
    (_, index) => all.subarray(index * size, (index + 1) * size),
  );
}

/** Anything that reads into its own memory. */
interface Reader {
  space(): Bytes;
  commit(count: number): unknown[];
}

/** Gives `reader` the pieces as a connection would, and its frames back. */
function feed(reader: Reader, pieces: Uint8Array[]): void {
  for (let piece of pieces) {
    while (piece.length > 0) {
      const space = reader.space();
      const part = piece.subarray(0, space.length);
      space.set(part);
      for (const item of reader.commit(part.length)) {
        if (item instanceof Frame) item.release();
      }
      piece = piece.subarray(part.length);
    }
  }
}

const jpegs = frames.map(({ jpeg }) => jpeg.slice());
const messages = frames.map((frame) => encodeDescribedFrame(frame).slice());
const splitter = new JpegSplitter();
const reader = new MessageReader({ maxFrameBytes: MAX_FRAME_BYTES });

for (
  const [how, size] of [["64 KiB chunks", 1 << 16], ["whole frames", undefined]] as const
) {
  const cut = (parts: Uint8Array[]) => size === undefined ? parts : chunks(parts, size);
  const [stream, wire] = [cut(jpegs), cut(messages)];
  Deno.bench(`splitter, ${how}, ${bytes}`, { group: how }, () => feed(splitter, stream));
  Deno.bench(`codec, ${how}, ${bytes}`, { group: how }, () => feed(reader, wire));
}

Deno.bench(`encodeFrame, ${frames.length} frames`, { group: "encode" }, () => {
  for (const frame of frames) encodeFrame(frame);
});
Deno.bench(`encodeDescribedFrame, ${frames.length} frames`, { group: "encode" }, () => {
  for (const frame of frames) encodeDescribedFrame(frame);
});
