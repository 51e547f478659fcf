/**
 * Recording what is received, untouched and with its times.
 *
 * @module
 */

import { type Chunk, ChunkBuilder } from "./chunk.ts";
import { clockStepMs, now } from "../base/clock.ts";
import type { Status } from "../program/console.ts";
import type { Frame } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { NEVER, type Output } from "../receive/output.ts";
import { formatBytes, formatDuration, rounded } from "../base/quantity.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/receive.ts";
import { type Destination, openDestination, type SegmentOptions } from "./destination.ts";
import { type RecordingEvent, RecordingWriter } from "./writer.ts";
import { Timeline } from "./timeline.ts";

/** How long a segment is unless it is said, in milliseconds. */
const SEGMENT_MS = 600_000;
/** Bytes that may wait for the disk. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** Frames that wait for the sender's clock at most. */
const MAX_EARLY = 32;
const TICK_MS = 500;
/** A chunk ends when it is that old, though no other frame comes. */
const MAX_CHUNK_AGE_MS = 1000;
const TIDY_MS = 60_000;
/** A system clock that is set by more than this begins another segment, in milliseconds. */
const MAX_STEP_MS = 1000;

/** Options of {@linkcode RecordingOutput}. */
export interface RecorderOptions extends SegmentOptions {
  /** Is told what happens. */
  onEvent?: (event: RecordingEvent) => void;
}

/**
 * Records frames. It takes each at once, whatever the disk does: chunks are written behind its
 * back, and when too many wait, because the disk is slow or full, frames are lost and counted.
 */
export class RecordingOutput implements Output {
  /** Never: a recording that fails pauses. */
  readonly ended: Promise<never> = NEVER;

  #place: Destination;
  #segmentMs: number;
  #timeline = new Timeline();
  /** Whether the sender's clock will be known soon, which these frames wait for. */
  #isClockComing = false;
  #early: { frame: Frame; arrivedMs: number }[] = [];
  #chunks: ChunkBuilder;
  #segment: Segment | undefined;
  #writer: RecordingWriter;
  #closed: Promise<void> | undefined;
  #tidiedAt = performance.now();
  #ticker: ReturnType<typeof setTimeout>;

  /**
   * Makes sure that it can record.
   *
   * @param path a file that does not exist yet, or a directory: see {@linkcode openPlace}
   * @throws {UsageError} if it is no path for a recording
   * @throws {CamcatError} if nothing can be written there
   */
  constructor(path: string, { segmentMs, keep, onEvent = () => {} }: RecorderOptions = {}) {
    this.#place = openDestination(path, { segmentMs, keep });
    this.#segmentMs = segmentMs ?? SEGMENT_MS;
    this.#chunks = new ChunkBuilder(this.#place.format.room);
    const takeBack = (chunk: Chunk) => this.#chunks.release(chunk);
    this.#writer = new RecordingWriter(this.#place, takeBack, onEvent);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#writer.tidy();
  }

  /** How it stands, all files together. */
  status(): Status {
    const { isPaused, figures: { durationMs, bytes, frames, lostFrames } } = this.#writer;
    return {
      text: isPaused ? "REC paused" : `REC ${formatDuration(durationMs)} ${formatBytes(bytes)}`,
      json: {
        recording: isPaused ? "paused" : "running",
        recorded_s: rounded(durationMs / 1000),
        recorded_bytes: bytes,
        recorded_frames: frames,
        recording_lost: lostFrames,
      },
    };
  }

  /** Takes a copy of a frame, if it is a picture of the present. */
  take({ frame, capturedAt, live }: ReceivedFrame): void {
    if (!live || this.#closed !== undefined) return;
    if (capturedAt === undefined && this.#isClockComing && this.#early.length < MAX_EARLY) {
      this.#early.push({ frame: frame.retain(), arrivedMs: now() });
      return;
    }
    this.#takeEarly(capturedAt === undefined ? undefined : capturedAt - frame.time);
    this.#record(frame, capturedAt, now());
  }

  /** Learns when another sender may have come, and whether it will tell its clock. */
  follow({ type }: ReceiveEvent): void {
    if (type === "stream") {
      this.#isClockComing = true;
      return;
    }
    this.#takeEarly(undefined);
    this.#timeline.reset();
  }

  /** Ends the file, if there can be another one. */
  pause(): void {
    this.#write(this.#chunks.close());
    if (!this.#place.isDirectory) return;
    this.#segment = undefined;
    this.#writer.endSegment();
  }

  /** Writes what waits, as far as that is possible in 10 s, and ends the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#takeEarly(undefined);
    this.#write(this.#chunks.close());
    await this.#writer.close();
  }

  /** Takes the frames that had to wait. @param offsetMs our clock less the sender's, if known */
  #takeEarly(offsetMs: number | undefined): void {
    this.#isClockComing = false;
    for (const { frame, arrivedMs } of this.#early.splice(0)) {
      this.#record(frame, offsetMs === undefined ? undefined : frame.time + offsetMs, arrivedMs);
      frame.release();
    }
  }

  #record({ jpeg, time }: Frame, capturedMs: number | undefined, arrivedMs: number): void {
    const size = sizeOf(jpeg);
    if (size === undefined) return; // nothing could show it
    const timeMs = this.#timeline.timeOf(time, capturedMs, arrivedMs);
    if (this.#writer.isFull || this.#chunks.heldBytes + jpeg.length > MAX_HELD_BYTES) {
      this.#writer.lose(timeMs);
      return;
    }
    const next: Segment = { startMs: timeMs, stepMs: clockStepMs(), ...size };
    const startsSegment = this.#startsSegment(next);
    if (startsSegment) {
      if (next.stepMs !== this.#segment?.stepMs) this.#write(this.#chunks.close());
      this.#segment = next;
    }
    this.#write(this.#chunks.add(jpeg, timeMs + this.#stepMs, startsSegment));
  }

  /** What is added to all times of a file, so that they are the system's and yet evenly spaced. */
  get #stepMs(): number {
    return this.#segment?.stepMs ?? 0;
  }

  #startsSegment({ startMs, stepMs, width, height }: Segment): boolean {
    const segment = this.#segment;
    if (segment === undefined) return true;
    return this.#place.isDirectory &&
      (startMs - segment.startMs >= this.#segmentMs ||
        Math.abs(stepMs - segment.stepMs) > MAX_STEP_MS ||
        width !== segment.width || height !== segment.height);
  }

  #write(chunk: Chunk | undefined): void {
    if (chunk !== undefined) this.#writer.write(chunk);
  }

  #tick(): void {
    const { beganMs } = this.#chunks;
    // A sender's clock that is ahead must not keep a chunk open.
    if (beganMs !== undefined && Math.abs(now() + this.#stepMs - beganMs) > MAX_CHUNK_AGE_MS) {
      this.#write(this.#chunks.close());
    }
    if (performance.now() - this.#tidiedAt > TIDY_MS) {
      this.#tidiedAt = performance.now();
      this.#writer.tidy();
    }
  }
}

/** What the frames of a file have in common. */
interface Segment {
  /** When the first was captured. */
  startMs: number;
  /** How far the system clock was ahead then: {@linkcode clockStepMs}. */
  stepMs: number;
  width: number;
  height: number;
}
