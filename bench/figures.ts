/**
 * Figures: how they are condensed, and how a row of the bench gives them.
 *
 * @module
 */

/** What the rows are given. */
export interface Bench {
  /** The folder of the compiled programs. */
  dist: string;
  /** Whether to take more time. */
  long: boolean;
  /** Names a prepared video, MJPEG in AVI, a few seconds long. */
  clip(size: string, fps: number): Promise<string>;
}

/** One thing that can be measured by name. */
export interface Row {
  /** What it measures, in one line. */
  about: string;
  /** Measures it. */
  run(bench: Bench): AsyncIterable<Figure>;
}

/** One line of the table. */
export interface Figure {
  /** What the value is of. */
  what: string;
  /** With its unit and spread. */
  value: string;
  /** What it has to be, if that is known. */
  target?: string;
  /** Whether it is. */
  met?: boolean;
}

/** The value that the share `q` (0 to 1) of `values` does not exceed. */
export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Median, and from where to where the values reach: `0.42 ms (0.40 to 0.47)`. */
export function spread(values: number[], unit: string, digits = 2): string {
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)]
    .map((value) => value.toFixed(digits));
  return `${middle} ${unit} (${low} to ${high})`;
}

/** How many times `a` is `b`, compared within each repetition: the machine's load drifts. */
export function ratios(a: number[], b: number[]): number[] {
  return a.map((value, index) => value / b[index]);
}

/**
 * Measures A B C A B C ...: what disturbs the machine for a while disturbs all.
 *
 * @returns the values of each, in the order of the repetitions
 */
export async function interleaved<Name extends string>(
  times: number,
  variants: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(variants) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >;
  for (let time = 0; time < times; time++) {
    for (const name of names) values[name].push(await variants[name]());
  }
  return values;
}
