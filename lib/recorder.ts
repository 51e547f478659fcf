/**
 * Recording what is received, untouched and with its times.
 *
 * @module
 */

import { type Chunk, ChunkBuilder } from "./chunk.ts";
import { now } from "./clock.ts";
import { rounded, type Status } from "./console.ts";
import { wordsOf } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { sizeOf } from "./jpeg.ts";
import { NEVER, type Output } from "./output.ts";
import type { ReceivedFrame, ReceiveEvent } from "./receive.ts";
import type { RecordingFile } from "./recording_file.ts";
import { formatBytes, formatDuration } from "./quantity.ts";
import { openPlace, type RecordingPlace, type SegmentOptions } from "./recording_place.ts";
import { Timeline } from "./timeline.ts";

/** How long a segment is unless it is said, in milliseconds. */
const SEGMENT_MS = 600_000;
/** Bytes that may wait for the disk. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;
/** How long after a failure the disk is tried again. */
const RETRY_MS = 3000;
/** Frames that wait for the sender's clock at most. */
const MAX_EARLY = 32;
/** How long the end waits for the disk. */
const CLOSE_MS = 10_000;
const TICK_MS = 500;
/** A chunk ends when it is that old, though no other frame comes. */
const MAX_CHUNK_AGE_MS = 1000;
const TIDY_MS = 60_000;
/** What may stop a recording for long, by the system's name of it. */
const DISK_REASONS: Record<string, string> = {
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the disk can have no larger files",
};

/** What happens to a recording. */
export type RecordingEvent =
  /** A file has begun. */
  | { type: "started"; file: string }
  /** Nothing can be written for now. */
  | { type: "paused"; reason: string }
  /** It goes on, and so much is missing. */
  | { type: "resumed"; file: string; lostFrames: number; lostMs: number }
  /** A file has ended. */
  | { type: "ended"; file: string; frames: number; bytes: number; durationMs: number }
  /** All is over, and so much could not be written at the end. */
  | { type: "incomplete"; lostFrames: number; lostMs: number }
  /** An old segment was deleted. */
  | { type: "deleted"; file: string }
  /** Old segments could not be deleted. */
  | { type: "kept"; reason: string };

/** Options of {@linkcode Recorder}. */
export interface RecorderOptions extends SegmentOptions {
  /** Is told what happens. */
  onEvent?: (event: RecordingEvent) => void;
}

/**
 * Records frames. It takes each at once, whatever the disk does: chunks are written behind its
 * back, and when too many wait, because the disk is slow or full, frames are lost and counted.
 */
export class Recorder implements Output {
  /** Never: a recording that fails pauses. */
  readonly ended: Promise<never> = NEVER;

  #place: RecordingPlace;
  #segmentMs: number;
  #onEvent: (event: RecordingEvent) => void;
  #timeline = new Timeline();
  /** Whether the sender's clock will be known soon, which these frames wait for. */
  #isClockComing = false;
  #early: { frame: Frame; arrivedMs: number }[] = [];
  #chunks: ChunkBuilder;
  #segment: { startMs: number; width: number; height: number } | undefined;
  #waiting: Chunk[] = [];
  #isFull = false;
  #writing: Promise<void> | undefined;
  #file: RecordingFile | undefined;
  /** Files being written or finished, by path, and the end of those that are being finished. */
  #open = new Map<string, Promise<void> | undefined>();
  #pausedFor: string | undefined;
  #lost = { frames: 0, firstMs: 0, lastMs: 0 };
  /** What is in the files before this one, and in none. */
  #done = { durationMs: 0, bytes: 0, frames: 0, lostFrames: 0 };
  #retry: (() => void) | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #tidiedAt = -Infinity;
  #tidying: Promise<void> | undefined;
  #ticker: ReturnType<typeof setTimeout>;

  /**
   * Makes sure that it can record.
   *
   * @param path a file that does not exist yet, or a directory: see {@linkcode openPlace}
   * @throws {UsageError} if it is no path for a recording
   * @throws {CamcatError} if nothing can be written there
   */
  constructor(path: string, { segmentMs, keep, onEvent }: RecorderOptions = {}) {
    this.#place = openPlace(path, { segmentMs, keep });
    this.#segmentMs = this.#place.isDirectory ? segmentMs ?? SEGMENT_MS : Infinity;
    this.#onEvent = onEvent ?? (() => {});
    this.#chunks = new ChunkBuilder(this.#place.format.room);
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#tidy();
  }

  /** How it stands, all files together. */
  status(): Status {
    const { durationMs = 0, bytes = 0, frames = 0 } = this.#file ?? {};
    const done = this.#done;
    const isPaused = this.#pausedFor !== undefined;
    const [allMs, allBytes] = [done.durationMs + durationMs, done.bytes + bytes];
    return {
      text: isPaused ? "REC paused" : `REC ${formatDuration(allMs)} ${formatBytes(allBytes)}`,
      json: {
        recording: isPaused ? "paused" : "running",
        recorded_s: rounded(allMs / 1000),
        recorded_bytes: allBytes,
        recorded_frames: done.frames + frames,
        recording_lost: done.lostFrames,
      },
    };
  }

  /** Takes a copy of a frame, if it is a picture of the present. */
  take({ frame, capturedAt, live }: ReceivedFrame): void {
    if (!live || this.#isClosing) return;
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
    if (this.#isFull || this.#chunks.heldBytes + jpeg.length > MAX_HELD_BYTES) {
      this.#isFull = true;
      this.#pause("the disk is too slow");
      this.#lose(timeMs);
      return;
    }
    const startsSegment = this.#startsSegment(timeMs, size);
    if (startsSegment) this.#segment = { startMs: timeMs, ...size };
    this.#enqueue(this.#chunks.add(jpeg, timeMs, startsSegment));
  }

  /** Writes what waits, as far as that is possible in 10 s, and ends the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#ticker);
    this.#takeEarly(undefined);
    this.#enqueue(this.#chunks.close());
    this.#retry?.();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
    this.#giveUp();
  }

  async #finish(): Promise<void> {
    await this.#writing;
    if (!this.#place.isDirectory) this.#file ??= await this.#place.open(0); // is there, though empty
    this.#endFile();
    await Promise.all(this.#open.values());
  }

  #startsSegment(timeMs: number, { width, height }: { width: number; height: number }): boolean {
    const segment = this.#segment;
    if (segment === undefined) return true;
    return this.#place.isDirectory &&
      (timeMs - segment.startMs >= this.#segmentMs ||
        width !== segment.width || height !== segment.height);
  }

  #enqueue(chunk: Chunk | undefined): void {
    if (chunk === undefined) return;
    this.#waiting.push(chunk);
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  async #write(): Promise<void> {
    for (let chunk; (chunk = this.#waiting[0]) !== undefined;) {
      try {
        await this.#store(chunk);
      } catch (error) {
        this.#pause(reasonOf(error));
        if (this.#isClosing) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RETRY_MS);
          this.#retry = () => (clearTimeout(timer), resolve());
        });
        this.#retry = undefined;
        continue;
      }
      this.#waiting.shift();
      this.#chunks.release(chunk);
      if (!this.#isFull || this.#waiting.length === 0) this.#resume();
    }
  }

  async #store(chunk: Chunk): Promise<void> {
    if (chunk.startsSegment) this.#endFile();
    if (this.#file === undefined) {
      await this.#tidy();
      this.#file = await this.#place.open(chunk.frames[0].timeMs);
      this.#open.set(this.#file.path, undefined);
    }
    const isNew = this.#file.frames === 0;
    try {
      await this.#file.append(chunk);
    } catch (error) {
      // Where there can be another file, the medium may be another one, too, when it goes on.
      if (this.#place.isDirectory) this.#endFile();
      throw error;
    }
    if (isNew) this.#onEvent({ type: "started", file: this.#file.path });
  }

  /** Lets the file be finished while the next one may begin. */
  #endFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { path, frames, durationMs } = file;
    // What cannot be finished can be played all the same.
    const finished = file.finish().catch(() => {}).then(() => {
      this.#open.delete(path);
      if (frames === 0) return;
      this.#onEvent({ type: "ended", file: path, frames, bytes: file.bytes, durationMs });
    });
    this.#open.set(path, finished);
    this.#done.durationMs += durationMs;
    this.#done.bytes += file.bytes;
    this.#done.frames += frames;
  }

  #pause(reason: string): void {
    if (this.#pausedFor !== undefined) return;
    this.#pausedFor = reason;
    this.#onEvent({ type: "paused", reason });
  }

  #resume(): void {
    if (this.#pausedFor === undefined) return;
    const { frames, firstMs, lastMs } = this.#lost;
    this.#pausedFor = undefined;
    this.#isFull = false;
    this.#lost.frames = 0;
    const file = this.#file!.path;
    this.#onEvent({ type: "resumed", file, lostFrames: frames, lostMs: lastMs - firstMs });
  }

  #lose(timeMs: number): void {
    const { frames, firstMs, lastMs } = this.#lost;
    this.#lost = {
      frames: frames + 1,
      firstMs: frames === 0 ? timeMs : Math.min(firstMs, timeMs),
      lastMs: frames === 0 ? timeMs : Math.max(lastMs, timeMs),
    };
    this.#done.lostFrames++;
  }

  #giveUp(): void {
    for (const { frames } of this.#waiting) for (const { timeMs } of frames) this.#lose(timeMs);
    this.#waiting = [];
    const { frames: lostFrames, firstMs, lastMs } = this.#lost;
    if (lostFrames === 0) return;
    this.#onEvent({ type: "incomplete", lostFrames, lostMs: lastMs - firstMs });
  }

  #tick(): void {
    const { beganMs } = this.#chunks;
    // A sender's clock that is ahead must not keep a chunk open.
    if (beganMs !== undefined && Math.abs(now() - beganMs) > MAX_CHUNK_AGE_MS) {
      this.#enqueue(this.#chunks.close());
    }
    if (performance.now() - this.#tidiedAt > TIDY_MS) this.#tidy();
  }

  #tidy(): Promise<void> {
    this.#tidiedAt = performance.now();
    return this.#tidying ??= this.#place.tidy((path) => this.#open.has(path)).then(
      (files) => files.forEach((file) => this.#onEvent({ type: "deleted", file })),
      (error) => this.#onEvent({ type: "kept", reason: wordsOf(error) }),
    ).finally(() => this.#tidying = undefined);
  }
}

/** Why a disk takes no more, for people. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code ?? "";
  return DISK_REASONS[code] ?? wordsOf(error);
}
