/**
 * The numbers of a stream's frames.
 *
 * @module
 */

/** The largest number taken from elsewhere: more than 70,000 years at 60 frames a second. */
const MAX_NUMBER = 2 ** 47;

/** Gives frames numbers that always grow, as viewers rely on. */
export class Numbering {
  #last = -1;
  #shift = 0;

  /** The number of the next frame of our own. */
  next(): number {
    return ++this.#last;
  }

  /**
   * The number of a frame that another sender has numbered: the same, so that gaps remain. If that
   * would not grow, because the other sender was restarted or frames of our own came between, this
   * one is the next, and later ones keep their distance from it.
   */
  keep(seq: number): number {
    const kept = seq + this.#shift;
    if (kept <= this.#last || kept > MAX_NUMBER) this.#shift = this.#last + 1 - seq;
    return this.#last = seq + this.#shift;
  }
}
