/**
 * Finds where frames begin and end in bytes that arrive.
 *
 * @module
 */

import { type Intake, MAX_FRAME_BYTES, MAX_PIXELS } from "./frame.ts";
import { FrameHeader } from "./frame_header.ts";
import { hasLength, Marker, standsAlone } from "./markers.ts";
import { endBeforeText } from "./part_end.ts";
import { findMarker } from "./scan.ts";

/** Options of {@linkcode FrameWalk}, and of a splitter. */
export interface SplitterOptions {
  /**
   * The longest frame let through, in bytes; a longer one is dropped before
   * more memory is taken.
   *
   * @default {16777216}
   */
  maxFrameBytes?: number;
  /** The largest picture let through, in pixels: width times height. @default {33177600} */
  maxPixels?: number;
  /** Called for every frame that is dropped, with the reason: "it broke off". */
  onDropped?: (reason: string) => void;
}

const BROKE_OFF = "it broke off";
const NO_SENSE = "it makes no sense as a JPEG";

/** What the next byte is: between frames, of a marker, of entropy-coded data. */
type State = "outside" | "at marker" | "in scan";

/**
 * Walks through the bytes of an {@linkcode Intake}: over marker segments by their lengths up to
 * SOS, then through entropy-coded data to the next marker (ITU-T T.81, annex B).
 */
export class FrameWalk {
  /** Bytes that were skipped: padding, garbage, dropped frames. */
  skippedBytes = 0;
  /** Frames that were dropped. */
  droppedFrames = 0;
  /** Whether the stream has shown an EOI that ends a frame. */
  hasEoi = false;
  /** What the current frame says of itself. */
  header: FrameHeader;
  /** Where the first scan of the current frame begins, from its SOI; 0 before that. */
  scanAt = 0;
  /** Where in the current frame Huffman tables are missing; 0 where none are. */
  tablesAt = 0;
  /** When the first byte of the current frame was read. */
  frameTime = 0;

  #intake: Intake;
  #maxFrameBytes: number;
  #maxPixels: number;
  #onDropped: ((reason: string) => void) | undefined;
  #state: State = "outside";
  /** Index in the intake's buffer of the first byte not yet looked at. */
  #at: number;
  /** Index of the marker whose segment was skipped last: what a cut may have swallowed starts here. */
  #segment: number;

  /** Stands at the first byte of `intake`. */
  constructor(intake: Intake, options: SplitterOptions) {
    this.#intake = intake;
    this.#at = this.#segment = intake.start;
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#maxPixels = options.maxPixels ?? MAX_PIXELS;
    this.#onDropped = options.onDropped;
    this.header = new FrameHeader();
  }

  /**
   * Walks on to the end of the current frame.
   *
   * @param readTime when the newest bytes were read
   * @returns its index, or -1 when bytes are missing
   */
  findEnd(readTime: number): number {
    const intake = this.#intake;
    const bytes = intake.buffer;
    const end = intake.end;
    for (;;) {
      if (this.#state === "outside") {
        if (!this.#findStart(readTime)) return -1;
      } else if (this.#at + 2 - intake.start > this.#maxFrameBytes) {
        this.#drop(this.#at, `it has more than ${this.#maxFrameBytes} bytes`);
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
        } else if (code === Marker.EOI && this.scanAt > 0) {
          this.hasEoi = true;
          return at + 2;
        } else if (standsAlone(code)) {
          this.#at += 2;
        } else if (code === Marker.SOI && this.scanAt > 0) {
          if (at + 2 >= end) return -1;
          const text = endBeforeText(bytes, intake.start + this.scanAt, at);
          if (bytes[at + 2] === 0xff && (!this.hasEoi || text < at)) return text;
          this.#drop(at);
        } else if (code === Marker.SOI || code === Marker.EOI) { // too early: cut right here
          this.#drop(at);
        } else if (!hasLength(code)) { // nonsense: led here by a length, as above
          this.#drop(this.#segment + 2, NO_SENSE);
        } else if (!this.#takeSegment(code)) return -1;
      }
    }
  }

  /** Walks over the segment at the current marker. @returns whether all of it was there */
  #takeSegment(code: number): boolean {
    const { buffer: bytes, start: soi, end } = this.#intake;
    const at = this.#at;
    if (at + 4 > end) return false;
    const length = bytes[at + 2] << 8 | bytes[at + 3];
    if (length < 2) {
      this.#drop(at + 2, NO_SENSE);
      return true;
    }
    // The whole segment has to be there: a frame that ends within it was cut.
    this.#segment = at;
    if (at + 2 + length > end) return false;
    this.#at = at + 2 + length;
    const refusal = this.header.take(code, bytes, { soi, start: at + 4, end: this.#at });
    if (refusal !== undefined) this.#drop(at + 2, refusal);
    else if (code === Marker.SOS) {
      // No parameter of a scan header is FF (T.81 section B.2.3), so that one is the
      // next frame's: what follows a scan header cannot give a cut away, as above.
      if (bytes.subarray(at + 4, this.#at).includes(0xff)) this.#drop(at + 2);
      else {
        const { isBaseline, hasTables } = this.header;
        if (this.scanAt === 0 && isBaseline && !hasTables) this.tablesAt = at - soi;
        this.scanAt ||= this.#at - soi;
        this.#state = "in scan";
      }
    }
    return true;
  }

  /** Looks for SOI and the `FF` of the marker that must follow it. */
  #findStart(readTime: number): boolean {
    const intake = this.#intake;
    const bytes = intake.buffer;
    let at = bytes.indexOf(0xff, this.#at);
    while (at >= 0 && at + 2 < intake.end) {
      if (bytes[at + 1] === Marker.SOI && bytes[at + 2] === 0xff) {
        this.#skipTo(at);
        this.#state = "at marker";
        this.frameTime = readTime;
        this.header = new FrameHeader(this.#maxPixels);
        this.scanAt = this.tablesAt = 0;
        this.#segment = this.#intake.start;
        this.#at = this.#segment + 2;
        return true;
      }
      at = bytes.indexOf(0xff, at + 1);
    }
    this.#skipTo(at < 0 || at > intake.end ? intake.end : at);
    return false;
  }

  /** Says that the frame, or all up to the intake's start, was taken out. */
  endFrame(): void {
    this.#state = "outside";
    this.scanAt = 0;
    this.#at = this.#intake.start;
  }

  /** Gives up the current frame and looks for the next one from `index` on. */
  #drop(index: number, reason = BROKE_OFF): void {
    this.droppedFrames++;
    this.#onDropped?.(reason);
    this.skippedBytes += index - this.#intake.start;
    this.scanAt = 0;
    this.#state = "outside";
    this.#intake.start = index;
    this.#at = index;
  }

  /** Forgets all bytes before `index`, which are in no frame. */
  #skipTo(index: number): void {
    this.skippedBytes += index - this.#intake.start;
    const before = this.#intake.start = index;
    this.#at = index;
    this.#intake.dropUntil(index);
    this.moved(before);
  }

  /** Says that the intake moved its bytes, of which `before` was the start. */
  moved(before: number): void {
    const shift = this.#intake.start - before;
    this.#at += shift;
    this.#segment += shift;
  }
}
