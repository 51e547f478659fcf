/**
 * Keeping sound and picture together.
 *
 * @module
 */

/** From the player's standard input to the screen: some 20 ms, and half a period of its 60 Hz. */
const SCREEN_MS = 28;
/** Sound may be heard so much before its picture is seen (ITU-R BT.1359: 45 ms are not noticed). */
const AHEAD_MS = 40;
/** Differences below this are left alone. */
const TOLERANCE_MS = 15;
/** The most that sound is held back. A picture that is later than that is not a conversation. */
const MAX_HOLD_MS = 400;
/** The share of a difference that is corrected at once: sound follows only after a second. */
const SHARE = 0.04;
/** Time between two corrections. */
const STEP_MS = 100;
/** A picture's delay counts this share. */
const PICTURE_SHARE = 0.1;

/**
 * Says how long to hold sound back so that it is not heard before the picture is seen. Sound is
 * never made faster than it is for that: it is usually the quicker one, and ears want it quick.
 */
export class LipSync {
  #pictureMs: number | undefined;
  #holdMs = 0;
  #steppedAt = -Infinity;

  /** Records that a picture went to the screen so long after its capture. */
  picture(delayMs: number): void {
    const seenMs = delayMs + SCREEN_MS;
    this.#pictureMs ??= seenMs;
    this.#pictureMs += PICTURE_SHARE * (seenMs - this.#pictureMs);
  }

  /**
   * How long to hold sound back now, in milliseconds.
   *
   * @param soundMs from the microphone to the ear, as it is now, if known
   * @param now on any steady clock
   */
  holdMs(soundMs: number | undefined, now: number): number {
    if (soundMs === undefined || this.#pictureMs === undefined) return this.#holdMs;
    if (now - this.#steppedAt < STEP_MS) return this.#holdMs;
    this.#steppedAt = now;
    const missingMs = this.#pictureMs - AHEAD_MS - soundMs;
    if (Math.abs(missingMs) > TOLERANCE_MS) {
      this.#holdMs = Math.max(0, Math.min(MAX_HOLD_MS, this.#holdMs + SHARE * missingMs));
    }
    return this.#holdMs;
  }
}
