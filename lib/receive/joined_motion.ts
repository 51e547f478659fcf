/**
 * What several sensors notice, as one motion.
 *
 * @module
 */

import type { MotionEvent } from "./motion_sensor.ts";

/**
 * Joins what several sensors report: a motion begins with the first of them, and ends when it has
 * ended for all.
 */
export class JoinedMotion {
  #onMotion: (event: MotionEvent) => void;
  #active = 0;
  #beganAt = 0;

  /** @param onMotion called when a motion begins and when it ends */
  constructor(onMotion: (event: MotionEvent) => void) {
    this.#onMotion = onMotion;
  }

  /** Takes what one of the sensors reports. */
  take(event: MotionEvent): void {
    if (event.type === "began") {
      if (this.#active++ > 0) return;
      this.#beganAt = performance.now();
      this.#onMotion(event);
    } else if (--this.#active === 0) {
      this.#onMotion({ type: "ended", durationMs: performance.now() - this.#beganAt });
    }
  }
}
