/**
 * Smaller and coarser pictures, where the line or the phone is too slow for all of them.
 *
 * @module
 */

/** Each step has some two thirds of the bytes of the one before: factors for quality and for both sides. */
const STEPS = [
  { quality: 1, scale: 1 },
  { quality: 0.7, scale: 1 },
  { quality: 0.7, scale: 0.75 },
  { quality: 0.5, scale: 0.75 },
  { quality: 0.5, scale: 0.5 },
  { quality: 0.4, scale: 0.4 },
  { quality: 0.3, scale: 0.3 },
];
/** As many pictures a second are enough, as for viewers on slow links. */
const ENOUGH = 15;
/** Of the pictures that the camera has, so many must go for a finer step. */
const [FEW, NEARLY_ALL] = [0.7, 0.9];
/** Seconds without trouble until a finer step is tried: longer after each that was too much. */
const [FIRST_S, LONGEST_S] = [4, 64];

/** Chooses a step once a second. */
export class Coarseness {
  #step = 0;
  /** Seconds without trouble at this step, and whether the last change was to it from a coarser one. */
  #goodSeconds = 0;
  #isFiner = false;
  #waitSeconds = FIRST_S;

  /** Factors for the quality and for both sides of the picture. */
  get factors() {
    return STEPS[this.#step];
  }

  /**
   * Takes note of a second.
   *
   * @param {number} offered pictures of the camera
   * @param {number} sent how many of these were sent
   */
  second(offered, sent) {
    if (sent < ENOUGH && sent < offered * FEW) {
      // The finer step was too much: it is not tried again soon.
      if (this.#isFiner) this.#waitSeconds = Math.min(2 * this.#waitSeconds, LONGEST_S);
      this.#go(this.#step + 1, false);
    } else if (sent >= offered * NEARLY_ALL && ++this.#goodSeconds >= this.#waitSeconds) {
      if (this.#isFiner) this.#waitSeconds = FIRST_S;
      this.#go(this.#step - 1, true);
    }
  }

  #go(step, isFiner) {
    this.#goodSeconds = 0;
    this.#isFiner = isFiner;
    if (STEPS[step] !== undefined) this.#step = step;
  }
}
