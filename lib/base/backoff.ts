/**
 * Exponential backoff: the delay between attempts.
 *
 * @module
 */

/** Delays between attempts: each is twice the one before, from 0.2 s to 5 s, +/- 25 % at random. */
export class Backoff {
  #nextMs = 200;

  /** The next delay in milliseconds. */
  nextMs(): number {
    const delay = this.#nextMs;
    this.#nextMs = Math.min(delay * 2, 5000);
    return delay * (0.75 + Math.random() * 0.5); // jitter: many peers must not return at once
  }

  /** Restarts at the shortest delay; call it after a success. */
  reset(): void {
    this.#nextMs = 200;
  }
}
