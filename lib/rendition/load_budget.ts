/**
 * Bounds the processor time that several encoders take together.
 *
 * @module
 */

/** Time that may be saved up, in milliseconds: a few pictures, not a pause. */
const MAX_SAVED_MS = 100;

/** Shortest time between the starts of two encoders: each takes some 0.1 s of a core. */
const START_MS = 200;
/** How long to see whether the encoders keep up with one viewer less, in milliseconds. */
const RELIEF_MS = 1000;

/**
 * Earns processor time while time passes, and says how long to wait until some may be spent. The
 * encoders of all cameras of a sender share one.
 */
export class LoadBudget {
  #cores: number;
  #savedMs = MAX_SAVED_MS;
  #earnedAt: number | undefined;
  #startedAt = -Infinity;
  #relievedAt = -Infinity;

  /**
   * Has some time saved up already.
   *
   * @param cores earned: 1 is all of a core, 0 allows no encoder; half of this machine's by default
   */
  constructor(cores: number = navigator.hardwareConcurrency / 2) {
    this.#cores = cores;
  }

  /** Whether nothing may be encoded at all. */
  get isNothing(): boolean {
    return this.#cores <= 0;
  }

  /** Whether one more encoder may be started now; then it has to be. */
  mayStart(now: number): boolean {
    if (now - this.#startedAt < START_MS) return false;
    this.#startedAt = now;
    return true;
  }

  /**
   * Whether a viewer may give up its encoder because the encoders do not keep up: one at a time,
   * since the others may keep up then.
   */
  mayRelieve(now: number): boolean {
    if (now - this.#relievedAt < RELIEF_MS) return false;
    this.#relievedAt = now;
    return true;
  }

  /** Records that an encoder took so long for a picture. */
  spend(ms: number): void {
    this.#savedMs -= ms;
  }

  /** How long all must wait before the next picture, in milliseconds. */
  waitMs(now: number): number {
    const elapsedMs = now - (this.#earnedAt ?? now);
    this.#earnedAt = now;
    this.#savedMs = Math.min(MAX_SAVED_MS, this.#savedMs + elapsedMs * this.#cores);
    return Math.max(0, -this.#savedMs / this.#cores);
  }
}
