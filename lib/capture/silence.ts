/**
 * How long a source may give no picture.
 *
 * @module
 */

/** How long a source may take to answer, and to give its first picture: cameras warm up. */
export const OPEN_MS = 15_000;
/** How long a running source may be silent, whatever its pace. */
const SILENCE_MS = 5000;
/** The same before the second picture has shown the pace of a source that may be a slow one. */
const UNKNOWN_PACE_MS = 75_000;
/** The longest wait seen between two pictures, times this, is silence. */
const TOLERANCE = 3;

/** What is known of the pace of a source. */
export interface PaceOptions {
  /** Frames per second that were asked for. */
  fps?: number | undefined;
  /** The limit that the user set. @default what follows from the pace */
  silenceMs?: number | undefined;
  /** Whether it may give a picture a minute, as time-lapse cameras do. @default {false} */
  mayBeSlow?: boolean;
}

/** Follows the pace of a source, over all its captures. */
export class Pace {
  #options: PaceOptions;
  #slowestMs: number;
  /** The longest wait between two pictures lately; undefined before there were two. */
  #longestMs: number | undefined;
  #lastAt: number | undefined;

  /** Knows nothing yet but the options. */
  constructor(options: PaceOptions = {}) {
    this.#options = options;
    this.#slowestMs = Math.max(SILENCE_MS, 2500 / (options.fps ?? Infinity));
  }

  /** Says that a capture starts. */
  start(): void {
    this.#lastAt = undefined;
  }

  /** Says that a picture came at `time`, in milliseconds of any steady clock. */
  picture(time: number): void {
    if (this.#lastAt !== undefined) {
      this.#longestMs = Math.max(time - this.#lastAt, (this.#longestMs ?? 0) * 0.9);
    }
    this.#lastAt = time;
  }

  /** After how many milliseconds without a picture the capture counts as lost. */
  get limitMs(): number {
    const { silenceMs, mayBeSlow = false } = this.#options;
    if (silenceMs !== undefined) {
      return this.#lastAt === undefined ? Math.max(OPEN_MS, silenceMs) : silenceMs;
    }
    const limitMs = Math.max(this.#slowestMs, TOLERANCE * (this.#longestMs ?? 0));
    if (mayBeSlow && this.#longestMs === undefined) return Math.max(limitMs, UNKNOWN_PACE_MS);
    return this.#lastAt === undefined ? Math.max(limitMs, OPEN_MS) : limitMs;
  }
}

/** Calls `onSilent` once, when nothing was heard for longer than a limit. */
export class Watchdog implements Disposable {
  #silentSeconds = 0; // as we lived them: while we were stopped, nothing was read
  #timer: ReturnType<typeof setInterval>;

  /** @param limitMs asked once a second */
  constructor(limitMs: () => number, onSilent: (seconds: number) => void) {
    this.#timer = setInterval(() => {
      if (++this.#silentSeconds * 1000 <= limitMs()) return;
      clearInterval(this.#timer);
      onSilent(this.#silentSeconds - 1);
    }, 1000);
  }

  /** Says that something was heard. */
  heard(): void {
    this.#silentSeconds = 0;
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
