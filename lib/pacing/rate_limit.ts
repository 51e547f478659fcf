/**
 * Bounds the bytes that one viewer is sent.
 *
 * @module
 */

/** Says when the next frame may leave, so that a rate is kept on the average. */
export class RateLimit {
  /** The time that a byte takes at the rate, in milliseconds; 0 without a bound. */
  msPerByte = 0;
  /** When the next frame may leave, in milliseconds. */
  freeAt = -Infinity;

  /** @param rates bits per second; the lowest counts, undefined is none */
  set(...rates: (number | undefined)[]): void {
    this.msPerByte = 8000 / Math.min(...rates.map((rate) => rate ?? Infinity));
  }

  /** Records that bytes leave. */
  sent(bytes: number, now: number): void {
    if (this.msPerByte > 0) this.freeAt = Math.max(this.freeAt, now) + bytes * this.msPerByte;
  }
}
