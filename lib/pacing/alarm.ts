/**
 * Something that is to happen later, once.
 *
 * @module
 */

/** Calls a function after a while; what was set first counts. */
export class Alarm {
  #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param ring what to call */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings in `delayMs` milliseconds, unless it is set already; never if that is Infinity. */
  set(delayMs: number): void {
    if (delayMs === Infinity) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#ring();
    }, delayMs);
  }

  /** Does not ring. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}
