/**
 * The times of a time lapse.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** Time between two pictures in the video, in milliseconds: 25 in a second. */
const SPACING_MS = 40;

/** Chooses one picture in a while, and spaces them evenly in the video. */
export class Timelapse {
  #everyMs: number;
  #dueAt = -Infinity;
  #nextMs: number | undefined;

  /** @param everyMs how long to wait between two pictures */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** The time of the next picture in the video; undefined before the first. */
  get nextMs(): number | undefined {
    return this.#nextMs;
  }

  /**
   * The time in the video of a picture that has come now; undefined if it is too early for one. The
   * first has the real time.
   *
   * @param now in milliseconds since the Unix epoch
   */
  timeOf(now: number): number | undefined {
    if (now < this.#dueAt) return undefined;
    const missed = this.#dueAt === -Infinity ? 0 : Math.floor((now - this.#dueAt) / this.#everyMs);
    this.#dueAt = (this.#dueAt === -Infinity ? now : this.#dueAt) + (missed + 1) * this.#everyMs;
    const timeMs = this.#nextMs ?? now;
    this.#nextMs = timeMs + SPACING_MS;
    return timeMs;
  }
}

/**
 * The time lapse of a recording; undefined without `everyMs`.
 *
 * @throws {UsageError} if it would be in several files
 */
export function timelapseOf(
  everyMs: number | undefined,
  isDirectory: boolean,
): Timelapse | undefined {
  if (everyMs === undefined) return undefined;
  if (!isDirectory) return new Timelapse(everyMs);
  throw new UsageError(
    "Cannot use --timelapse with a folder: it makes one file, such as --record day.mkv",
  );
}
