/**
 * Figures: how they are condensed, and how a row of the bench gives them.
 *
 * @module
 */

/** What the rows are given. */
export interface Bench {
  /** The folder of the compiled programs. */
  dist: string;
  /** The folder of programs of before, to measure in the same run. */
  distBefore?: string | undefined;
  /** Whether to take more time. */
  long: boolean;
  /** Names a prepared video, MJPEG in AVI, a few seconds long, perhaps with a filter of ffmpeg's. */
  clip(size: string, fps: number, filter?: string): Promise<string>;
}

/** One thing that can be measured by name. */
export interface Row {
  /** What it measures, in one line. */
  about: string;
  /** Whether it takes so long that it runs only when asked for, by name or `--long`. */
  long?: boolean;
  /** Measures it. */
  run(bench: Bench): AsyncIterable<Figure | Note>;
}

/** One value: a cell of a table. */
export interface Figure {
  /** Which table it is in. */
  table: string;
  /** Whose it is, mostly a program's: a line of the table. */
  of: string;
  /** What it is of: a column. */
  what: string;
  /** The median where it was measured several times. */
  value: number;
  /** From where to where values reached, if there were several. */
  range?: [low: number, high: number];
  /** Of the value, as `ms`. */
  unit: string;
  /** Digits after the point. */
  digits: number;
  /** What it has to be. */
  target?: Target;
}

/** A bound for a value. */
export type Target = { atMost: number } | { atLeast: number };

/** What could not be measured, or has to be known about what was. */
export interface Note {
  /** A sentence. */
  note: string;
}

/** A figure of one value, or of several that are condensed. */
export function figure(
  place: [table: string, of: string, what: string],
  values: number | number[],
  unit: string,
  digits: number,
  target?: Target,
): Figure {
  const [table, of, what] = place;
  return {
    ...{ table, of, what, unit, digits },
    value: typeof values === "number" ? values : median(values),
    ...(typeof values === "number" || values.length < 2
      ? {}
      : { range: [Math.min(...values), Math.max(...values)] }),
    ...(target === undefined ? {} : { target }),
  };
}

/** Whether a figure is what it has to be; undefined if nothing is asked of it. */
export function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}

/** The value with its spread: `0.42 (0.40 to 0.47)`. */
export function textOf({ value, range, digits }: Figure): string {
  const text = (value: number) => Number.isFinite(value) ? value.toFixed(digits) : "none";
  return text(value) + (range === undefined ? "" : ` (${range.map(text).join(" to ")})`);
}

/** What is asked of a figure: `<= 2`. */
export function targetOf({ target }: Figure): string {
  if (target === undefined) return "";
  return "atMost" in target ? `<= ${target.atMost}` : `>= ${target.atLeast}`;
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

/** How many times `a` is `b`, compared within each repetition: the machine's load drifts. */
export function ratios(a: number[], b: number[]): number[] {
  return a.map((value, index) => value / b[index]);
}

/**
 * Measures A B C A B C ...: what disturbs the machine for a while disturbs all.
 *
 * @returns the values of each, in the order of the repetitions
 */
export async function interleaved<Name extends string, Value>(
  times: number,
  variants: Record<Name, () => Promise<Value>>,
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(variants) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Value[]
  >;
  for (let time = 0; time < times; time++) {
    for (const name of names) values[name].push(await variants[name]());
  }
  return values;
}
