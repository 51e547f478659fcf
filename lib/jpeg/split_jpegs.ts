/**
 * Reads a stream of JPEGs and cuts it into frames.
 *
 * @module
 */

import { within } from "../base/within.ts";
import type { Frame } from "./frame.ts";
import { JpegSplitter } from "./splitter.ts";

/** After this long without a byte, a frame without EOI counts as complete. */
const PAUSE_MS = 200;

/** Anything that can be read from into memory of the caller's, as a `Deno.Conn` can. */
export interface ByteReader {
  /** Reads at most `into.length` bytes. @returns their number, or null at the end */
  read(into: Uint8Array): Promise<number | null>;
}

/**
 * The frames of a stream of JPEGs.
 *
 * @example
 * ```ts
 * import { splitJpegs } from "@camcat/camcat";
 * import { assertEquals } from "@std/assert";
 *
 * const jpeg = [0xff, 0xd8, 0xff, 0xda, 0, 2, 0x12, 0x34, 0xff, 0xd9];
 * const stream = ReadableStream.from([Uint8Array.of(...jpeg, 0, 0), Uint8Array.of(...jpeg)]);
 * let count = 0;
 * for await (const frame of splitJpegs(stream)) {
 *   assertEquals([...frame.jpeg], jpeg);
 *   count++;
 * }
 * assertEquals(count, 2);
 * ```
 *
 * @param source chunks of bytes, or (faster) something that reads into memory it is given
 * @param splitter does the work, and counts what it skipped and dropped
 */
export async function* splitJpegs(
  source: AsyncIterable<Uint8Array> | ByteReader,
  splitter: JpegSplitter = new JpegSplitter(),
): AsyncGenerator<Frame, void, void> {
  const chunks = "read" in source ? undefined : source[Symbol.asyncIterator]();
  const next = async () => {
    if ("read" in source) {
      const count = await source.read(splitter.space());
      return count === null ? null : splitter.commit(count);
    }
    const { value, done } = await chunks!.next();
    return done ? null : splitter.push(value);
  };
  try {
    for (;;) {
      const reading = next();
      // Only a stream that has shown no EOI so far pays for the timer.
      if (splitter.canEnd) {
        reading.catch(() => {}); // it may fail when nobody waits for it any more
        if (await within(reading, PAUSE_MS) === undefined) yield* splitter.end();
      }
      const frames = await reading;
      if (frames === null) break;
      // Not `yield*`, which would make promises of its own for each.
      for (const frame of frames) yield frame;
    }
    yield* splitter.end();
  } finally {
    chunks?.return?.().catch(() => {}); // not waited for: it waits for the next chunk
  }
}
