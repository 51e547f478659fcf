/**
 * What is recorded, on its way to the disk.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import { wordsOf } from "../base/errors.ts";
import type { RecordingFile } from "./file.ts";
import type { Destination } from "./destination.ts";

/** How long after a failure the disk is tried again. */
const RETRY_MS = 3000;
/** How long the end waits for the disk. */
const CLOSE_MS = 10_000;
/** What may stop a recording for long, by the system's name of it. */
const DISK_REASONS: Record<string, string> = {
  ENOENT: "the directory is gone",
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

/** How a recording stands, all files together. */
export interface RecordingFigures {
  /** Time that is recorded, in milliseconds. */
  durationMs: number;
  /** Size of the files. */
  bytes: number;
  /** Frames in the files. */
  frames: number;
  /** Frames that are in none. */
  lostFrames: number;
}

/** Writes chunks one after another into files; pauses when that fails, and tries again. */
export class RecordingWriter {
  #place: Destination;
  #onWritten: (chunk: Chunk) => void;
  #onEvent: (event: RecordingEvent) => void;
  #waiting: Chunk[] = [];
  #writing: Promise<void> | undefined;
  #file: RecordingFile | undefined;
  /** Files being written or finished, by path, and the end of those that are being finished. */
  #open = new Map<string, Promise<void> | undefined>();
  /** Why nothing can be written; empty if it can. */
  #pausedFor = "";
  #isFull = false;
  #lost = { frames: 0, firstMs: 0, lastMs: 0 };
  /** Of the files before this one. */
  #done: RecordingFigures = { durationMs: 0, bytes: 0, frames: 0, lostFrames: 0 };
  #retry: (() => void) | undefined;
  #isClosing = false;
  #tidying: Promise<void> | undefined;

  /** @param onWritten takes a chunk back when it is written */
  constructor(
    place: Destination,
    onWritten: (chunk: Chunk) => void,
    onEvent: (event: RecordingEvent) => void,
  ) {
    this.#place = place;
    this.#onWritten = onWritten;
    this.#onEvent = onEvent;
  }

  /** How it stands. */
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

  /** Whether nothing can be written for now. */
  get isPaused(): boolean {
    return this.#pausedFor !== "";
  }

  /** Whether a frame was lost and not all that waited then is written: more would be lost, too. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Writes a chunk, after those that wait. */
  write(chunk: Chunk): void {
    this.#waiting.push(chunk);
    this.#writing ??= this.#run().finally(() => this.#writing = undefined);
  }

  /** Ends the file when all that waits is written. */
  endSegment(): void {
    const last = this.#waiting.at(-1);
    if (last === undefined) this.#endFile();
    else last.endsSegment = true;
  }

  /** Counts a frame that there is no memory for, because the disk is too slow or does not write. */
  lose(timeMs: number): void {
    this.#isFull = true;
    if (!this.isPaused) this.#pause("the disk is too slow");
    this.#countLost(timeMs);
  }

  /** Deletes what need not be kept. */
  tidy(): Promise<void> {
    return this.#tidying ??= this.#place.tidy((path) => this.#open.has(path)).then(
      (files) => files.forEach((file) => this.#onEvent({ type: "deleted", file })),
      (error) => this.#onEvent({ type: "kept", reason: wordsOf(error) }),
    ).finally(() => this.#tidying = undefined);
  }

  /** Writes what waits, as far as that is possible in 10 s, and ends the file. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#retry?.();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    await Promise.race([this.#finish(), late]);
    clearTimeout(timer);
    for (const { frames } of this.#waiting.splice(0)) {
      for (const { timeMs } of frames) this.#countLost(timeMs);
    }
    const { frames: lostFrames, firstMs, lastMs } = this.#lost;
    if (lostFrames > 0) this.#onEvent({ type: "incomplete", lostFrames, lostMs: lastMs - firstMs });
  }

  async #finish(): Promise<void> {
    await this.#writing;
    if (!this.#place.isDirectory) this.#file ??= await this.#place.open(0); // is there, though empty
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
