/**
 * Waiting between attempts.
 *
 * @module
 */

/** How long to wait before trying again: doubles from 0.2 s to 5 s, give or take a quarter. */
export class Backoff {
  #nextMs = 200;

  /** The next delay in milliseconds. */
  nextMs(): number {
    const delay = this.#nextMs;
    this.#nextMs = Math.min(delay * 2, 5000);
    return delay * (0.75 + Math.random() * 0.5); // jitter: many peers must not come back at once
  }

  /** Begins anew, after a success. */
  reset(): void {
    this.#nextMs = 200;
  }
}
