/**
 * How fast a viewer may send.
 *
 * @module
 */

/** Bytes per second: acknowledgements of 240 frames a second are half of it. */
const BYTES_PER_SECOND = 16 * 1024;
/** Bytes that may come at once after a quiet time. */
const BURST_BYTES = 64 * 1024;

/**
 * A token bucket for the bytes of one viewer. A faster one is read slowly, so that TCP holds it
 * back and its messages cost the other viewers nothing.
 */
export class ReadBudget {
  #spare = BURST_BYTES;
  #at = performance.now();

  /** Counts bytes that were read. @returns how long not to read any more, in milliseconds */
  take(bytes: number): number {
    const now = performance.now();
    const earned = (now - this.#at) / 1000 * BYTES_PER_SECOND;
    this.#spare = Math.min(BURST_BYTES, this.#spare + earned) - bytes;
    this.#at = now;
    return this.#spare >= 0 ? 0 : -this.#spare / BYTES_PER_SECOND * 1000;
  }
}
