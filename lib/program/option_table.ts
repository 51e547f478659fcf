/**
 * The table from which a program's parsing, help, manual page and completions follow.
 *
 * @module
 */

/** An option without a value. */
export interface Flag {
  /** One letter. */
  short?: string;
  /** What it does, for the help: a phrase without a period. */
  help: string;
  /** The topic of the help that begins with this option; a key of the program's topics. */
  topic?: string;
  /** Whether the short help shows it. @default {false} */
  basic?: boolean;
  /** Whether no help shows it, because only other programs use it. @default {false} */
  hidden?: boolean;
}

/** An option with a value. */
export interface Valued<T> extends Flag {
  /** The name of the value in the help. */
  value: string;
  /** The value where the option stands alone. @default it may not */
  bare?: string;
  /** Parses the value. @throws {UsageError} if the value is wrong */
  parse: (text: string) => T;
}

/** Options by their long names. */
// deno-lint-ignore no-explicit-any -- a table holds options of any type
export type OptionTable = Record<string, Flag | Valued<any>>;

/** The options of a command line, by their names in the table. */
export type Options<T extends OptionTable> = {
  [K in keyof T]: T[K] extends Valued<infer V> ? V | undefined : boolean;
};

/** Terms and what they mean, or commands and what they do. */
export type Terms = readonly (readonly [term: string, meaning: string])[];

/** A part of a text: a paragraph, or a list of terms. */
export type Block = string | Terms;

/** A part of the help. */
export interface Topic {
  /** Its heading. */
  title: string;
  /** What is told beside the options. */
  text?: readonly Block[];
}

/** What a program is told on its command line, and what its help says. */
export interface Program<T extends OptionTable> {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
  /** The operands, as the help shows them. */
  operands: string;
  /** What an operand is, for completion. */
  operand: "source" | "address";
  /** The largest number of operands. */
  maxOperands: number;
  /** What the program does, in one sentence, for the short help and the manual page. */
  summary: string;
  /** The table of options. */
  options: T;
  /** Topics of the help by name; each has the options from the one that names it to the next. */
  topics: Record<string, Topic>;
  /** Commands and what they do; the first few are in the short help. */
  examples: Terms;
}

/** The options that every program has. */
export const COMMON_OPTIONS = {
  help: {
    short: "h",
    basic: true,
    help: "show this, or the help on a topic, on an option, or on all",
  },
  version: { help: "show the version" },
} satisfies OptionTable;

/** Options with their names, for one topic. */
export type Rows = [name: string, option: OptionTable[string]][];

/** The options of each topic, in the order of the table. */
export function optionsByTopic<T extends OptionTable>(program: Program<T>): Map<string, Rows> {
  const topics = new Map<string, Rows>(Object.keys(program.topics).map((name) => [name, []]));
  let rows: Rows | undefined;
  const table: OptionTable = { ...program.options, ...COMMON_OPTIONS };
  for (const [name, option] of Object.entries(table)) {
    if (option.hidden) continue;
    if (option.topic !== undefined) rows = topics.get(option.topic);
    if (rows === undefined) throw new TypeError(`Cannot show --${name}: it has no topic`);
    rows.push([name, option]);
  }
  return topics;
}
