/**
 * Figures for the status line.
 *
 * @module
 */

const KEPT = 512;

/** The quantiles of the latest values, up to 512 of them. */
export class Quantiles {
  #values = new Float64Array(KEPT);
  #count = 0;

  /** Takes in a value. */
  add(value: number): void {
    this.#values[this.#count++ % KEPT] = value;
  }

  /** The value that the share `q` (0 to 1) of all values does not exceed, undefined without any. */
  at(q: number): number | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#values.slice(0, this.#count).sort();
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  }

  /** Forgets all values. */
  clear(): void {
    this.#count = 0;
  }
}

/** Turns a running total into its rate per second. */
export class Rate {
  #total = 0;
  #at: number;

  /** Begins to measure at `now` (milliseconds), from a total of 0. */
  constructor(now: number) {
    this.#at = now;
  }

  /** The rate since the last call, from the total now and the time now (milliseconds). */
  next(total: number, now: number): number {
    const seconds = (now - this.#at) / 1000;
    const rate = seconds > 0 ? (total - this.#total) / seconds : 0;
    this.#total = total;
    this.#at = now;
    return rate;
  }
}
