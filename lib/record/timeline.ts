/**
 * When recorded frames were captured.
 *
 * @module
 */

/** More than this between two clocks that should agree, in milliseconds, is another clock. */
const MAX_DISAGREEMENT_MS = 1000;
/** The least between two frames, in milliseconds: players want times that grow. */
const MIN_SPACING_MS = 1;

/**
 * Gives each frame its time on this machine's clock. The spacing is that of the sender's clock,
 * which nothing on the way disturbs; when that began is known of our clock, once a connection.
 */
export class Timeline {
  /** Our clock less the sender's, in milliseconds. */
  #offsetMs: number | undefined;
  #isExact = false;
  #lastMs = -Infinity;

  /** Forgets the sender's clock: the next frame may come from another one. */
  reset(): void {
    this.#offsetMs = undefined;
    this.#isExact = false;
  }

  /**
   * The time of a frame, at least 1 after the one before, in milliseconds since the Unix epoch.
   *
   * @param senderMs its capture on the sender's clock
   * @param capturedMs the same on ours, as far as it is known
   * @param arrivedMs its arrival, on ours
   */
  timeOf(senderMs: number, capturedMs: number | undefined, arrivedMs: number): number {
    const offsetMs = (capturedMs ?? arrivedMs) - senderMs;
    const isNew = this.#offsetMs === undefined ||
      !this.#isExact && capturedMs !== undefined ||
      Math.abs(offsetMs - this.#offsetMs) > MAX_DISAGREEMENT_MS;
    if (isNew && (capturedMs !== undefined || !this.#isExact)) {
      this.#offsetMs = offsetMs;
      this.#isExact = capturedMs !== undefined;
    }
    this.#lastMs = Math.max(this.#lastMs + MIN_SPACING_MS, senderMs + this.#offsetMs!);
    return this.#lastMs;
  }
}
