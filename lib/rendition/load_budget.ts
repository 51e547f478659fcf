/**
 * Bounds the processor time that several encoders take together.
 *
 * @module
 */

/** Time that may be saved up, in milliseconds: a few pictures, not a pause. */
const MAX_SAVED_MS = 100;

/** Shortest time between the starts of two encoders: each takes some 0.1 s of a core. */
const START_MS = 200;
/**
 * How long a machine that is short of time is left alone, in milliseconds: twice as long each time,
 * since a trial costs all viewers a second or two.
 */
const [MIN_SHORT_MS, MAX_SHORT_MS] = [30_000, 600_000];

/**
 * Earns processor time while time passes, and says how long to wait until some may be spent. The
 * encoders of all cameras of a sender share one.
 */
export class LoadBudget {
  #cores: number;
  #savedMs = MAX_SAVED_MS;
  #earnedAt: number | undefined;
  #startedAt = -Infinity;
  #shortUntil = -Infinity;
  #shortMs = MIN_SHORT_MS / 2;

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

  /**
   * Whether one more encoder may be started now; then it has to be.
   *
   * @param isNeeded whether the viewer could hardly do without: others wait for spare time
   */
  mayStart(now: number, isNeeded = true): boolean {
    if (now - this.#startedAt < START_MS) return false;
    if (!isNeeded && (this.isShort(now) || this.waitMs(now) > 0)) return false;
    this.#startedAt = now;
    return true;
  }

  /** Whether encoders have not kept up: whoever can do without should, for a while. */
  isShort(now: number): boolean {
    return now < this.#shortUntil;
  }

  /** Records that an encoder does not keep up. */
  tellShort(now: number): void {
    if (this.isShort(now)) return;
    const keptUpMs = now - this.#shortUntil;
    this.#shortMs = keptUpMs > 2 * this.#shortMs
      ? MIN_SHORT_MS
      : Math.min(this.#shortMs * 2, MAX_SHORT_MS);
    this.#shortUntil = now + this.#shortMs;
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
