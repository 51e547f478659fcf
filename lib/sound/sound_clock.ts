/**
 * When sound was recorded, on our clock.
 *
 * @module
 */

/** A source whose times are this near to the system clock tells them by it. */
const WALL_MS = 60_000;
/** A source that tells times by the system clock and then is so far off has lost it. */
const LOST_MS = 2000;
/** How long the quickest arrival counts, in milliseconds: a source that has fallen behind stays there. */
const WINDOW_MS = 2000;

/**
 * Maps times of a source to times of ours. ffmpeg gives microphones of PulseAudio and ALSA the time
 * at which the sound was recorded, on the system clock. Other sources count from any beginning: then
 * the packets that came quickest say when they were recorded, as if just before they came.
 */
export class SoundClock {
  #isWall: boolean | undefined;
  /** The least that arrivals were ahead of the source's times, in this window and the one before. */
  #least = [Infinity, Infinity];
  #windowEnds = -Infinity;

  /**
   * @param sourceMs a time of the source, in milliseconds
   * @param arrivedAt when that arrived, on our clock
   * @param systemMs the same time on the system clock
   * @returns the time of the source on our clock
   */
  timeOf(sourceMs: number, arrivedAt: number, systemMs: number): number {
    const ageMs = systemMs - sourceMs;
    this.#isWall ??= Math.abs(ageMs) < WALL_MS;
    if (this.#isWall && ageMs > -LOST_MS && ageMs < LOST_MS) return arrivedAt - ageMs;
    this.#isWall = false;
    if (arrivedAt >= this.#windowEnds) {
      const isFirst = this.#windowEnds === -Infinity;
      this.#least = [Infinity, isFirst ? Infinity : this.#least[0]];
      this.#windowEnds = arrivedAt + WINDOW_MS;
    }
    this.#least[0] = Math.min(this.#least[0], arrivedAt - sourceMs);
    return sourceMs + Math.min(...this.#least);
  }
}
