/**
 * The difference of two clocks, without the jitter of its measurement.
 *
 * @module
 */

/**
 * How fast the offset follows the estimates, in milliseconds per second. Clocks drift apart by less
 * than a tenth of that; recordings see an interval of pictures change by a thousandth at most.
 */
const FOLLOW_MS_PER_S = 1;
/** A larger difference is a better estimate, not jitter: it is taken at once. */
const JUMP_MS = 50;

/**
 * Follows estimates of a clock's offset so slowly that the times translated by it stay evenly
 * spaced. Estimates vary with the network, and a difference between two times of one camera is worth
 * more than their last fraction of a millisecond.
 */
export class SteadyOffset {
  #value: number | undefined;
  #followedAt = 0;

  /**
   * Takes the newest estimate.
   *
   * @param estimate in milliseconds
   * @param at the time of this clock, in milliseconds
   * @returns the offset to use
   */
  follow(estimate: number, at: number): number {
    const most = Math.max(0, at - this.#followedAt) / 1000 * FOLLOW_MS_PER_S;
    this.#followedAt = at;
    const error = this.#value === undefined ? Infinity : estimate - this.#value;
    if (this.#value === undefined || Math.abs(error) > JUMP_MS) return this.#value = estimate;
    return this.#value += Math.min(most, Math.max(-most, error));
  }
}
