/**
 * Writing a recording to the disk in the background.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import { wordsOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import type { RecordingFile } from "./file.ts";
import type { Destination } from "./destination.ts";

/** Time between tries after a failure, in milliseconds. */
const RETRY_MS = 3000;
/** How long closing waits for the disk, in milliseconds. */
const CLOSE_MS = 10_000;
/** Reasons of long pauses, by error code of the system. */
const DISK_REASONS: Record<string, string> = {
  ENOENT: "the directory is gone",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the disk can have no larger files",
};

/** An event of a recording. */
export type RecordingEvent =
  /** A file has begun. */
  | { type: "started"; file: string }
  /** Nothing can be written at the moment. */
  | { type: "paused"; reason: string }
  /** Writing goes on; `lostFrames` frames over `lostMs` are missing. */
  | { type: "resumed"; file: string; lostFrames: number; lostMs: number }
  /** A file has ended. */
  | { type: "ended"; file: string; frames: number; bytes: number; durationMs: number }
  /** The recording has ended, and its last frames could not be written. */
  | { type: "incomplete"; lostFrames: number; lostMs: number }
  /** An old segment was deleted. */
  | { type: "deleted"; file: string }
  /** Old segments could not be deleted. */
  | { type: "kept"; reason: string };

/** Figures of a recording, all files together. */
export interface RecordingFigures {
  /** Recorded time, in milliseconds. */
  durationMs: number;
  /** Size of the files, in bytes. */
  bytes: number;
  /** Frames in the files. */
  frames: number;
  /** Frames that could not be written. */
  lostFrames: number;
}

/** Writes chunks into files, one after another. Pauses when that fails, and tries again. */
export class RecordingWriter {
  #destination: Destination;
  #onWritten: (chunk: Chunk) => void;
  #onEvent: (event: RecordingEvent) => void;
  #waiting: Chunk[] = [];
  #writing: Promise<void> | undefined;
  #file: RecordingFile | undefined;
  /** Open files by path, with the completion of those that have ended. */
  #open = new Map<string, Promise<void> | undefined>();
  /** Why nothing can be written at the moment; empty if it can. */
  #pausedFor = "";
  #isFull = false;
  #lost = { frames: 0, firstMs: 0, lastMs: 0 };
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
    this.#writing ??= this.#run().finally(() => this.#writing = undefined);
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
    const { frames: lostFrames, firstMs, lastMs } = this.#lost;
    if (lostFrames > 0) this.#onEvent({ type: "incomplete", lostFrames, lostMs: lastMs - firstMs });
  }

  async #finish(): Promise<void> {
    await this.#writing;
    if (!this.#destination.isDirectory) this.#file ??= await this.#destination.open(0); // an empty one is deleted
    this.#endFile();
    await Promise.all(this.#open.values());
  }

  async #run(): Promise<void> {
    for (let chunk; (chunk = this.#waiting[0]) !== undefined;) {
      try {
        await this.#store(chunk);
      } catch (error) {
        this.#pause(DISK_REASONS[(error as { code?: string }).code ?? ""] ?? wordsOf(error));
        if (this.#isClosing) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, RETRY_MS);
          this.#retry = () => (clearTimeout(timer), resolve());
        });
        this.#retry = undefined;
        continue;
      }
      this.#waiting.shift();
      this.#onWritten(chunk);
      if (!this.#isFull || this.#waiting.length === 0) this.#resume();
      if (chunk.endsSegment) this.#endFile();
    }
  }

  async #store(chunk: Chunk): Promise<void> {
    if (chunk.startsSegment) this.#endFile();
    if (this.#file === undefined) {
      await this.tidy();
      this.#file = await this.#destination.open(chunk.frames[0].timeMs);
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

  /** Completes the file in the background, so that the next one can begin. */
  #endFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    const { path, frames, durationMs } = file;
    // A file that cannot be completed can be played too.
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
    if (reason === this.#pausedFor) return;
    this.#pausedFor = reason;
    this.#onEvent({ type: "paused", reason });
  }

  #resume(): void {
    if (!this.isPaused) return;
    this.#pausedFor = "";
    this.#isFull = false;
    const { frames: lostFrames, firstMs, lastMs } = this.#lost;
    this.#lost.frames = 0;
    const file = this.#file!.path;
    this.#onEvent({ type: "resumed", file, lostFrames, lostMs: lastMs - firstMs });
  }

  #countLost(timeMs: number): void {
    const { frames, firstMs, lastMs } = this.#lost;
    this.#lost = {
      frames: frames + 1,
      firstMs: frames === 0 ? timeMs : Math.min(firstMs, timeMs),
      lastMs: frames === 0 ? timeMs : Math.max(lastMs, timeMs),
    };
    this.#done.lostFrames++;
  }
}
