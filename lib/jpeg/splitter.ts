/**
 * Cuts a stream of JPEGs into frames.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { type Bytes, type Frame, FramePool, Intake, MAX_FRAME_BYTES } from "./frame.ts";
import { HUFFMAN_TABLES } from "./huffman.ts";
import { hasLength, Marker, standsAlone } from "./markers.ts";
import { findMarker } from "./scan.ts";

/** Options of {@linkcode JpegSplitter}. */
export interface SplitterOptions {
  /**
   * The longest frame let through, in bytes; a longer one is dropped before
   * more memory is taken.
   *
   * @default {16777216}
   */
  maxFrameBytes?: number;
  /** Called for every frame that broke off, made no sense or was too long. */
  onDropped?: () => void;
}

/** What the next byte is: between frames, of a marker, of entropy-coded data. */
type State = "outside" | "at marker" | "in scan";

/**
 * Cuts a stream of JPEGs into frames, whatever the sizes it arrives in.
 *
 * It walks the marker segments by their lengths up to SOS and scans only
 * entropy-coded data for the next marker (ITU-T T.81, annex B), so that a
 * thumbnail or a comment which holds EOI does not end a frame. A frame is given
 * out at its EOI, without waiting for what follows. Bytes between frames are
 * skipped; a frame that breaks off is dropped, and the next one is found within
 * its remains.
 *
 * A baseline frame without any Huffman table, as many cameras send it, is given
 * the standard ones, which not every viewer has at hand. All others are given
 * out as they came.
 *
 * @example Cutting bytes that arrive one at a time
 * ```ts
 * import { JpegSplitter } from "@camcat/camcat";
 * import { assertEquals } from "@std/assert";
 *
 * // SOI, an empty scan header, two bytes of entropy-coded data, EOI.
 * const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 0x12, 0x34, 0xff, 0xd9);
 * const splitter = new JpegSplitter();
 * const frames = [...jpeg].flatMap((byte) => splitter.push(Uint8Array.of(byte)));
 * assertEquals(frames.map((frame) => [...frame.jpeg]), [[...jpeg]]);
 * ```
 */
export class JpegSplitter {
  /** Bytes that are in no frame: padding, garbage, dropped frames. */
  skippedBytes = 0;
  /** Frames that broke off, made no sense or were too long. */
  droppedFrames = 0;

  #intake = new Intake(new FramePool(), HUFFMAN_TABLES.length);
  #maxFrameBytes: number;
  #onDropped: (() => void) | undefined;
  #state: State = "outside";
  #hasScan = false;
  /** What the header of the current frame held so far. */
  #isBaseline = false;
  #hasTables = false;
  /** Where in the current frame Huffman tables are missing; 0 where none are. */
  #tablesAt = 0;
  /** Index in the intake's buffer of the first byte not yet looked at. */
  #at = this.#intake.start;
  /** Index of the marker whose segment was skipped last: what a cut may have swallowed starts here. */
  #segment = this.#at;
  /** When the first byte of the current frame was read, and the latest byte. */
  #frameTime = 0;
  #readTime = 0;

  /** Makes a splitter that stands before the first frame. */
  constructor(options: SplitterOptions = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#onDropped = options.onDropped;
  }

  /** Free memory to read the next bytes into; see {@linkcode JpegSplitter.commit}. */
  space(): Bytes {
    const { start } = this.#intake;
    const space = this.#intake.space();
    this.#moved(start);
    return space;
  }

  /**
   * Says that `count` bytes were read into the last {@linkcode JpegSplitter.space},
   * at `time` (milliseconds since the epoch).
   *
   * @returns the frames that are complete now; the caller owns them
   */
  commit(count: number, time: number = now()): Frame[] {
    const intake = this.#intake;
    this.#readTime = time;
    intake.end += count;
    const frames: Frame[] = [];
    for (;;) {
      const end = this.#findEnd();
      if (end < 0) break;
      if (this.#tablesAt > 0) intake.insert(intake.start + this.#tablesAt, HUFFMAN_TABLES);
      frames.push(intake.take(intake.start, end, this.#frameTime));
      this.#at = intake.start;
    }
    return frames;
  }

  /** Takes a copy of `chunk`, for sources that cannot read into {@linkcode JpegSplitter.space}. */
  push(chunk: Uint8Array, time: number = now()): Frame[] {
    const frames: Frame[] = [];
    for (let rest = chunk; rest.length > 0;) {
      const space = this.space();
      const part = rest.subarray(0, space.length);
      space.set(part);
      frames.push(...this.commit(part.length, time));
      rest = rest.subarray(part.length);
    }
    return frames;
  }

  /** Walks on to the end of the current frame. @returns its index, or -1 when bytes are missing */
  #findEnd(): number {
    const intake = this.#intake;
    const bytes = intake.buffer;
    const end = intake.end;
    for (;;) {
      if (this.#state === "outside") {
        if (!this.#findStart()) return -1;
      } else if (this.#at + 2 - intake.start > this.#maxFrameBytes) {
        this.#drop(this.#at);
      } else if (this.#state === "in scan") {
        this.#at = findMarker(bytes, this.#at, end);
        if (this.#at + 1 >= end) return -1;
        this.#state = "at marker";
        this.#segment = this.#at;
      } else {
        const at = this.#at;
        // A length that led into the middle of nowhere: the stream was cut
        // within that segment, and the next SOI may be one of the bytes skipped.
        if (at < end && bytes[at] !== 0xff) {
          this.#drop(this.#segment + 2);
          continue;
        }
        if (at + 1 >= end) return -1;
        const code = bytes[at + 1];
        if (code === 0xff) { // fill bytes may precede any marker (T.81 section B.1.1.2)
          this.#at++;
        } else if (code === Marker.EOI && this.#hasScan) {
          this.#state = "outside";
          this.#hasScan = false;
          return at + 2;
        } else if (standsAlone(code)) {
          this.#at += 2;
        } else if (code === Marker.SOI || code === Marker.EOI) { // too early: cut right here
          this.#drop(at);
        } else if (!hasLength(code)) { // nonsense: led here by a length, as above
          this.#drop(this.#segment + 2);
        } else {
          if (at + 4 > end) return -1;
          const length = bytes[at + 2] << 8 | bytes[at + 3];
          if (length < 2) {
            this.#drop(at + 2);
            continue;
          }
          // The whole segment has to be there: a frame that ends within it was cut.
          this.#segment = at;
          if (at + 2 + length > end) return -1;
          this.#at = at + 2 + length;
          if (code === Marker.SOS) {
            // No parameter of a scan header is FF (T.81 section B.2.3), so that one is the
            // next frame's: what follows a scan header cannot give a cut away, as above.
            if (bytes.subarray(at + 4, this.#at).includes(0xff)) {
              this.#drop(at + 2);
              continue;
            }
            if (!this.#hasScan && this.#isBaseline && !this.#hasTables) {
              this.#tablesAt = at - intake.start;
            }
            this.#state = "in scan";
            this.#hasScan = true;
          } else if (code === Marker.SOF0) {
            this.#isBaseline = true;
          } else if (code === Marker.DHT) {
            this.#hasTables = true;
          }
        }
      }
    }
  }

  /** Looks for SOI and the `FF` of the marker that must follow it. */
  #findStart(): boolean {
    const intake = this.#intake;
    const bytes = intake.buffer;
    let at = bytes.indexOf(0xff, this.#at);
    while (at >= 0 && at + 2 < intake.end) {
      if (bytes[at + 1] === Marker.SOI && bytes[at + 2] === 0xff) {
        this.#skipTo(at);
        this.#state = "at marker";
        this.#frameTime = this.#readTime;
        this.#isBaseline = this.#hasTables = false;
        this.#tablesAt = 0;
        this.#segment = at;
        this.#at = at + 2;
        return true;
      }
      at = bytes.indexOf(0xff, at + 1);
    }
    this.#skipTo(at < 0 || at > intake.end ? intake.end : at);
    return false;
  }

  /** Gives up the current frame and looks for the next one from `index` on. */
  #drop(index: number): void {
    this.droppedFrames++;
    this.#onDropped?.();
    this.skippedBytes += index - this.#intake.start;
    this.#hasScan = false;
    this.#state = "outside";
    this.#intake.start = index;
    this.#at = index;
  }

  #skipTo(index: number): void {
    this.skippedBytes += index - this.#intake.start;
    const before = this.#intake.start = index;
    this.#at = index;
    this.#intake.dropUntil(index);
    this.#moved(before);
  }

  /** Shifts the positions by what the intake moved its bytes. */
  #moved(before: number): void {
    const shift = this.#intake.start - before;
    this.#at += shift;
    this.#segment += shift;
  }
}

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
  if ("read" in source) {
    for (;;) {
      const count = await source.read(splitter.space());
      if (count === null) return;
      // Not `yield*`, which would make promises of its own for each.
      for (const frame of splitter.commit(count)) yield frame;
    }
  }
  for await (const chunk of source) {
    for (const frame of splitter.push(chunk)) yield frame;
  }
}
