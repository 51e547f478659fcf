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

/** Counts values by size, for good. */
export class Histogram {
  /** The upper bounds of the counts, from low to high; there is one count more, for the rest. */
  readonly bounds: readonly number[];
  /** How many values there were up to each bound and above the one before. */
  readonly counts: number[];
  /** All values together. */
  sum = 0;

  /** Counts up to each of `bounds`, which go from low to high, and above them. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array(bounds.length + 1).fill(0);
  }

  /** Takes in a value. */
  add(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound);
    this.counts[index < 0 ? this.bounds.length : index]++;
    this.sum += value;
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
