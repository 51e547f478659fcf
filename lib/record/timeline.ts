/**
 * The times of recorded frames.
 *
 * @module
 */

/** Clocks that differ by more than this, in milliseconds, are different clocks. */
const MAX_DISAGREEMENT_MS = 1000;
/** A time of the sender further than this from the arrival of its frame is wrong, in milliseconds. */
const MAX_DISTANCE_MS = 3_600_000;
/** Shortest time between two frames, in milliseconds: players need increasing times. */
const MIN_SPACING_MS = 1;

/**
 * Converts the sender's times to this machine's clock. The spacing of frames is that of the
 * sender's clock, which the network cannot disturb; the offset is determined once a connection.
 */
export class Timeline {
  /** This machine's clock minus the sender's, in milliseconds. */
  #offsetMs: number | undefined;
  #isExact = false;
  #lastMs = -Infinity;

  /** Forgets the sender's clock: the next frame may come from another one. */
  reset(): void {
    this.#offsetMs = undefined;
    this.#isExact = false;
  }

  /** The time of sound in milliseconds since the Unix epoch; undefined before the first frame. */
  timeOfSound(senderMs: number): number | undefined {
    return this.#offsetMs === undefined ? undefined : senderMs + this.#offsetMs;
  }

  /**
   * The time of a frame in milliseconds since the Unix epoch, at least 1 after the previous one.
   *
   * @param senderMs its capture on the sender's clock
   * @param capturedMs its capture on this machine's clock, if known
   * @param arrivedMs its arrival on this machine's clock
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
    const timeMs = senderMs + this.#offsetMs!;
    const isWrong = capturedMs === undefined && Math.abs(timeMs - arrivedMs) > MAX_DISTANCE_MS;
    this.#lastMs = Math.max(this.#lastMs + MIN_SPACING_MS, isWrong ? arrivedMs : timeMs);
    return this.#lastMs;
  }
}
