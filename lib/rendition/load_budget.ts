/**
 * Bounds the processor time that several encoders take together.
 *
 * @module
 */

/** Time that may be saved up, in milliseconds: a few pictures, not a pause. */
const MAX_SAVED_MS = 100;

/** Earns processor time while time passes, and says how long to wait until some may be spent. */
export class LoadBudget {
  #cores: number;
  #savedMs = MAX_SAVED_MS;
  #earnedAt: number | undefined;

  /** @param cores earned: 1 is all of a core */
  constructor(cores: number) {
    this.#cores = cores;
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
