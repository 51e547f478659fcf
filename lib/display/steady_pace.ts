/**
 * Pictures at a steady rate, although they come at any rate.
 *
 * @module
 */

/** How much closer slots come while new pictures wait for them. */
const HURRY = 0.02;

/**
 * Says when the next picture is due, with one slot for each at the rate. A new picture may leave up
 * to half an interval before its slot: it leaves at once unless pictures come faster than the rate.
 * If there is none until half an interval after the slot, the last one is repeated. So the rate
 * holds on average, and no picture waits for a clock.
 *
 * After a burst every picture of a camera with the same rate would come too early for its slot, and
 * wait as long as the one before. So slots come closer until none waits.
 */
export class SteadyPace {
  #intervalMs: number;
  #slotMs = -Infinity;

  /** @param fps pictures per second */
  constructor(fps: number) {
    this.#intervalMs = 1000 / fps;
  }

  /** How long a picture has to wait at `nowMs`, in milliseconds; 0 or less if not at all. */
  waitMs(isNew: boolean, nowMs: number): number {
    return this.#slotMs + (isNew ? -0.5 : 0.5) * this.#intervalMs - nowMs;
  }

  /**
   * Takes note that a picture has left at `nowMs`. Slots that were missed are not made up for.
   *
   * @param hasWaited whether it was a new one, and had to wait
   */
  left(nowMs: number, hasWaited: boolean): void {
    const next = this.#slotMs + this.#intervalMs * (hasWaited ? 1 - HURRY : 1);
    this.#slotMs = Math.max(next, nowMs + this.#intervalMs / 2);
  }
}
