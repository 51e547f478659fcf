/**
 * Statistics: quantiles, histograms and rates.
 *
 * @module
 */

const KEPT = 512;

/** Quantiles of the latest 512 values. */
export class Quantiles {
  #values = new Float64Array(KEPT);
  #count = 0;

  /** Adds a value. */
  add(value: number): void {
    this.#values[this.#count++ % KEPT] = value;
  }

  /** The value that a share `q` (0 to 1) of the values does not exceed; undefined without values. */
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

/** Bounds of a {@linkcode Histogram} of times to a viewer: from a cable to a bad mobile network. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  ...[5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1000, 2500, 5000],
];

/** Counts values in buckets, from the start on. */
export class Histogram {
  /** Upper bounds of the buckets, ascending. One more bucket holds all larger values. */
  readonly bounds: readonly number[];
  /** The number of values in each bucket. */
  readonly counts: number[];
  /** The sum of all values. */
  sum = 0;

  /** Makes a bucket for each of `bounds` (ascending), and one for larger values. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array(bounds.length + 1).fill(0);
  }

  /** Adds a value. */
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

  /** Starts at time `now` (milliseconds) with a total of 0. */
  constructor(now: number) {
    this.#at = now;
  }

  /** The rate since the last call, given the current total and time (milliseconds). */
  next(total: number, now: number): number {
    const seconds = (now - this.#at) / 1000;
    const rate = seconds > 0 ? (total - this.#total) / seconds : 0;
    this.#total = total;
    this.#at = now;
    return rate;
  }
}
