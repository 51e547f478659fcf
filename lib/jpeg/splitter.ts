/**
 * Cuts bytes that arrive into frames.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { now } from "../base/clock.ts";
import { type Bytes, Frame, FramePool, Intake } from "./frame.ts";
import { FrameWalk, type SplitterOptions } from "./frame_walk.ts";
import { HUFFMAN_TABLES } from "./huffman.ts";
import { Marker } from "./markers.ts";
import { endBeforeText } from "./part_end.ts";

export type { SplitterOptions };

const EOI = Uint8Array.of(0xff, Marker.EOI);

/**
 * Cuts a stream of JPEGs into frames, in whatever pieces it arrives.
 *
 * A thumbnail or a comment that holds EOI does not end a frame. A frame ends at
 * its EOI; the splitter does not wait for what follows. It skips the bytes between
 * frames. It drops a frame that breaks off, and finds the next one within its remains.
 *
 * Some cameras never write EOI. As long as a stream has shown none, the next SOI
 * ends a frame, or {@linkcode JpegSplitter.end}; in a multipart stream the part's
 * end always does. Such a frame gets its EOI.
 *
 * A baseline frame without any Huffman table, as many cameras send it, gets the
 * standard ones, which not every viewer has at hand. Further pictures of a file
 * (CIPA DC-007), such as previews, are skipped. All other frames leave as they came.
 *
 * @example Cutting bytes that arrive one at a time
 * ```ts
 * import { JpegSplitter } from "@camcat/camcat/jpeg";
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
  #intake = new Intake(new FramePool(), HUFFMAN_TABLES.length);
  #walk: FrameWalk;
  /** Bytes of the stream in the frames so far. */
  #frameBytes = 0;
  /** Where in the stream further pictures of the last file begin, which are no frames. */
  #further: number[] = [];

  /** Makes a splitter that stands before the first frame. */
  constructor(options: SplitterOptions = {}) {
    this.#walk = new FrameWalk(this.#intake, options);
  }

  /** Bytes that are in no frame: padding, garbage, dropped frames. */
  get skippedBytes(): number {
    return this.#walk.skippedBytes;
  }

  /** Frames that were dropped. */
  get droppedFrames(): number {
    return this.#walk.droppedFrames;
  }

  /** Free memory to read the next bytes into; see {@linkcode JpegSplitter.commit}. */
  space(): Bytes {
    const { start } = this.#intake;
    const space = this.#intake.space();
    this.#walk.moved(start);
    return space;
  }

  /**
   * Says that `count` bytes were read into the last {@linkcode JpegSplitter.space},
   * at `time` (milliseconds since the epoch).
   *
   * @returns the frames that are complete now; the caller owns them
   */
  commit(count: number, time: number = now()): Frame[] {
    this.#intake.end += count;
    const frames: Frame[] = [];
    for (let end; (end = this.#walk.findEnd(time)) >= 0;) {
      const frame = this.#take(end);
      if (frame !== undefined) frames.push(frame);
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

  /** Whether {@linkcode JpegSplitter.end} would end a frame. */
  get canEnd(): boolean {
    return !this.#walk.hasEoi && this.#walk.scanAt > 0;
  }

  /**
   * Ends the current frame where the bytes end, at a pause or the end of the stream, unless the
   * stream has shown an EOI. May be called while a read into {@linkcode JpegSplitter.space} is
   * pending.
   */
  end(): Frame[] {
    if (!this.canEnd) return [];
    const { buffer, start, end } = this.#intake;
    const frame = this.#take(endBeforeText(buffer, start + this.#walk.scanAt, end));
    return frame === undefined ? [] : [frame];
  }

  /** Takes the current frame out, up to index `end`; undefined if it is a further picture. */
  #take(end: number): Frame | undefined {
    const intake = this.#intake; // its bytes stay in place: in end() a read may be pending
    const { skippedBytes, tablesAt, frameTime: time, header } = this.#walk;
    const position = skippedBytes + this.#frameBytes;
    // One that announces others is the next picture: some servers send the first one only.
    if (this.#further.includes(position) && header.furtherPictures.length === 0) {
      this.#walk.skippedBytes += end - intake.start;
      intake.start = end;
      this.#walk.endFrame();
      return undefined;
    }
    this.#frameBytes += end - intake.start;
    this.#further = header.furtherPictures.map((offset) => position + offset);
    if (tablesAt > 0) intake.insert(intake.start + tablesAt, HUFFMAN_TABLES);
    let frame: Frame;
    if (intake.buffer[end - 2] === 0xff && intake.buffer[end - 1] === Marker.EOI) {
      frame = intake.take(intake.start, end, time);
    } else {
      frame = Frame.from(concat([intake.buffer.subarray(intake.start, end), EOI]), { time });
      intake.start = end;
    }
    this.#walk.endFrame();
    return frame;
  }
}
