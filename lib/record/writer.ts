/**
 * Writing a recording to the disk in the background.
 *
 * @module
 */

import { wordsOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { Chunk } from "./chunk.ts";
import type { Destination } from "./destination.ts";
import type { RecordingFile } from "./file.ts";
import { LossCounter, type RecordingEvent, type RecordingFigures } from "./recording_event.ts";

/** Time between tries after a failure; a disk that is not done with a write after it is stalled. */
const [RETRY_MS, STALL_MS] = [3000, 3000];
/** How long closing waits for the disk, in milliseconds. */
const CLOSE_MS = 10_000;
/** Reasons of long pauses, by error code of the system. */
const DISK_REASONS: Record<string, string> = {
  ENOENT: "the directory is gone",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the disk can have no larger files",
};

/**
 * Writes chunks into files, one after another. Pauses when that fails, and tries again. Goes on in
 * a new file when the current one was moved or deleted.
 */
export class RecordingWriter {
  #destination: Destination;
  #onWritten: (chunk: Chunk) => void;
  #onEvent: (event: RecordingEvent) => void;
  #waiting: Chunk[] = [];
  #writing: Promise<void> | undefined;
  /** When the disk was given something to do; undefined while it has nothing. */
  #busySince: number | undefined;
  #file: RecordingFile | undefined;
  /** Open files by path, with the completion of those that have ended. */
  #open = new Map<string, Promise<void> | undefined>();
  /** The completion of files that are no longer at their paths. */
  #gone: Promise<unknown> = Promise.resolve();
  /** Why nothing can be written at the moment; empty if it can. */
  #pausedFor = "";
  #isFull = false;
  #lost = new LossCounter();
  /** Figures of the files before the current one. */
  #done: RecordingFigures = { durationMs: 0, bytes: 0, frames: 0, lostFrames: 0 };
  #retry: (() => void) | undefined;
  #isClosing = false;
  #tidying: Promise<void> | undefined;

  /** @param onWritten called with every written chunk, whose memory is free then */
  constructor(
    destination: Destination,
    onWritten: (chunk: Chunk) => void,
    onEvent: (event: RecordingEvent) => void,
  ) {
    this.#destination = destination;
    this.#onWritten = onWritten;
    this.#onEvent = onEvent;
  }

  /** Figures until now. */
  get figures(): RecordingFigures {
    const { durationMs = 0, bytes = 0, frames = 0 } = this.#file ?? {};
    const done = this.#done;
    return {
      durationMs: done.durationMs + durationMs,
      bytes: done.bytes + bytes,
      frames: done.frames + frames,
      lostFrames: done.lostFrames,
    };
  }

  /** Whether nothing can be written at the moment. */
  get isPaused(): boolean {
    return this.#pausedFor !== "";
  }

  /** Whether frames are lost until all that waits is written. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Queues a chunk. */
  write(chunk: Chunk): void {
    this.#waiting.push(chunk);
    this.#begin();
  }

  /** Completes the file when all queued chunks are written. */
  endSegment(): void {
    const last = this.#waiting.at(-1);
    if (last === undefined) this.#endFile();
    else last.endsSegment = true;
  }

  /** Counts a frame that has no room in memory, because the disk is slow or fails. */
  lose(timeMs: number): void {
    this.#isFull = true;
    if (!this.isPaused) this.#pause("the disk is too slow");
    this.#countLost(timeMs);
  }

  /** Checks that the file is still at its path, and that the disk responds. */
  check(): void {
    if (this.#busySince === undefined) {
      if (this.#file !== undefined) this.#begin();
    } else if (performance.now() - this.#busySince > STALL_MS) {
      this.#pause("the disk does not respond");
    }
  }

  /** Deletes segments beyond the limit. */
  tidy(): Promise<void> {
    return this.#tidying ??= this.#destination.tidy((path) => this.#open.has(path)).then(
      (files) => files.forEach((file) => this.#onEvent({ type: "deleted", file })),
      (error) => this.#onEvent({ type: "kept", reason: wordsOf(error) }),
    ).finally(() => this.#tidying = undefined);
  }

  /** Writes what waits, for at most 10 s, and completes the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#retry?.();
    await within(this.#finish(), CLOSE_MS);
    for (const { frames } of this.#waiting.splice(0)) {
      for (const { timeMs } of frames) this.#countLost(timeMs);
    }
    const loss = this.#lost.take();
    if (loss.lostFrames > 0) this.#onEvent({ type: "incomplete", ...loss });
  }

  async #finish(): Promise<void> {
    await this.#writing;
    await this.#noticeGone().catch(() => {}); // its end shows the same error
    if (!this.#destination.isDirectory) this.#file ??= await this.#destination.open(0); // to delete an empty one
    this.#endFile();
    await Promise.all([...this.#open.values(), this.#gone]);
  }

  #begin(): void {
    this.#writing ??= this.#run().finally(() => this.#writing = undefined);
  }

  async #run(): Promise<void> {
    do {
      const chunk = this.#waiting.at(0);
      try {
        this.#busySince = performance.now();
        await this.#noticeGone();
        if (chunk !== undefined) await this.#store(chunk);
        this.#busySince = undefined;
      } catch (error) {
        this.#busySince = undefined;
        this.#pause(DISK_REASONS[(error as { code?: string }).code ?? ""] ?? wordsOf(error));
        if (this.#isClosing) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#retry = resolve;
        await within(promise, RETRY_MS);
        this.#retry = undefined;
        continue;
      }
      if (chunk === undefined) continue;
      this.#waiting.shift();
      this.#onWritten(chunk);
      if (!this.#isFull || this.#waiting.length === 0) this.#resume();
      if (chunk.endsSegment) this.#endFile();
    } while (this.#waiting.length > 0);
  }

  async #store(chunk: Chunk): Promise<void> {
    if (chunk.startsSegment) this.#endFile();
    if (this.#file === undefined) {
      if (chunk.frames.length === 0) return; // a file begins with a picture
      await this.tidy();
      this.#file = await this.#destination.open(chunk.startMs, chunk.reason);
      this.#open.set(this.#file.path, undefined);
    }
    const isNew = this.#file.frames === 0;
    try {
      await this.#file.append(chunk);
    } catch (error) {
      // The next try is a new file where there can be several: the disk may be another one then.
      if (this.#destination.isDirectory) this.#endFile();
      throw error;
    }
    if (isNew) this.#onEvent({ type: "started", file: this.#file.path });
  }

  /** Gives the current file up if it is no longer at its path. */
  async #noticeGone(): Promise<void> {
    const file = this.#file;
    const place = await file?.place();
    if (file === undefined || place === undefined || place === "in place") return;
    this.#file = undefined;
    this.#open.delete(file.path);
    const { path, frames, durationMs, bytes } = file;
    const isDeleted = place === "deleted";
    if (isDeleted) this.#done.lostFrames += frames;
    else this.#addDone(frames, bytes, durationMs);
    const finished = file.finish().catch(() => {}); // completes a moved file, in its new place
    this.#gone = Promise.all([this.#gone, finished]);
    const loss = isDeleted ? { lostFrames: frames, lostMs: durationMs } : NO_LOSS;
    this.#onEvent({ type: "gone", file: path, how: place, ...loss });
  }

  /** Completes the file in the background, so that the next one can begin. */
  #endFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { path, frames, durationMs, bytes } = file;
    // A file that cannot be completed can be played too.
    const finished = file.finish().catch(() => {}).then(() => {
      this.#open.delete(path);
      if (frames === 0) return;
      this.#onEvent({ type: "ended", file: path, frames, bytes: file.bytes, durationMs });
    });
    this.#open.set(path, finished);
    this.#addDone(frames, bytes, durationMs);
  }

  #addDone(frames: number, bytes: number, durationMs: number): void {
    this.#done.frames += frames;
    this.#done.bytes += bytes;
    this.#done.durationMs += durationMs;
  }

  #pause(reason: string): void {
    if (reason === this.#pausedFor) return;
    this.#pausedFor = reason;
    this.#onEvent({ type: "paused", reason });
  }

  #resume(): void {
    if (!this.isPaused || this.#file === undefined) return;
    this.#pausedFor = "";
    this.#isFull = false;
    this.#onEvent({ type: "resumed", file: this.#file.path, ...this.#lost.take() });
  }

  #countLost(timeMs: number): void {
    this.#lost.add(timeMs);
    this.#done.lostFrames++;
  }
}

const NO_LOSS = { lostFrames: 0, lostMs: 0 };
