/**
 * The events and figures of a recording.
 *
 * @module
 */

import type { Status } from "../program/console.ts";
import { formatBytes, formatDuration, rounded } from "../base/quantity.ts";

/** Frames that are in no file. */
export interface Loss {
  /** How many. */
  lostFrames: number;
  /** From the first to the last of them, in milliseconds. */
  lostMs: number;
}

/** An event of a recording. */
export type RecordingEvent =
  /** A file has begun. */
  | { type: "started"; file: string }
  /** There is sound, but the format of the file holds none. */
  | { type: "silent"; extension: string }
  /** Nothing can be written at the moment. */
  | { type: "paused"; reason: string }
  /** Writing goes on. */
  | { type: "resumed"; file: string } & Loss
  /** A file has ended. */
  | { type: "ended"; file: string; frames: number; bytes: number; durationMs: number }
  /** The current file is no longer at its path. What was in a deleted file is lost. */
  | { type: "gone"; file: string; how: "moved" | "deleted" } & Loss
  /** The recording has ended, and its last frames could not be written. */
  | { type: "incomplete" } & Loss
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
  /** Frames that are in no file: they could not be written, or the file was deleted. */
  lostFrames: number;
}

/** Figures for people and for machines. @param isPaused whether nothing can be written now */
export function statusOf(
  { durationMs, bytes, frames, lostFrames }: RecordingFigures,
  isPaused: boolean,
): Status {
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

/** Counts frames that could not be written. */
export class LossCounter {
  #frames = 0;
  #firstMs = 0;
  #lastMs = 0;

  /** Counts a frame. @param timeMs its capture, in milliseconds since the Unix epoch */
  add(timeMs: number): void {
    if (this.#frames++ === 0) this.#firstMs = this.#lastMs = timeMs;
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
  }

  /** Returns the loss since the last call. */
  take(): Loss {
    const loss = { lostFrames: this.#frames, lostMs: this.#lastMs - this.#firstMs };
    this.#frames = this.#firstMs = this.#lastMs = 0;
    return loss;
  }
}
