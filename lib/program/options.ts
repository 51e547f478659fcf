/**
 * Command lines: one table of options defines parsing, validation and help.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { parseArgs } from "@std/cli/parse-args";
// @ts-types="../std.d.ts"
import { closestString } from "@std/text/closest-string";
import { UsageError } from "../base/errors.ts";

/** An option without a value. */
export interface Flag {
  /** One letter. */
  short?: string;
  /** What it does, for the help: a phrase without a period. */
  help: string;
  /** The title in the help of the group that begins with this option. */
  group?: string;
}

/** An option with a value. */
export interface Valued<T> extends Flag {
  /** The name of the value in the help. */
  value: string;
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

/** What the command line and the help need to know about a program. */
export interface Program<T extends OptionTable> {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
  /** The operands, as the help shows them. */
  operands: string;
  /** The largest number of operands. */
  maxOperands: number;
  /** What the program does, in one or two sentences. */
  summary: string;
  /** The table of options. */
  options: T;
  /** The rest of the help: operands, examples. */
  more: string;
}

/** Lines of the help are at most this long, like the classic terminal. */
const HELP_COLUMNS = 80;
/** Options that are longer than this have their help on the next line. */
const MAX_OPTION_COLUMNS = 26;

const COMMON = {
  help: { short: "h", help: "show this help" },
  version: { help: "show the version" },
} satisfies OptionTable;

/** A parsed command line. */
export interface CommandLine<T extends OptionTable> {
  /** Options by name. */
  options: Options<T>;
  /** Operands in order. */
  operands: string[];
  /** The text for `--help` or `--version`, to print instead of running. */
  print?: string;
}

/**
 * Parses a command line.
 *
 * @throws {UsageError} if an option is unknown or its value is missing or wrong
 */
export function parseCommandLine<T extends OptionTable>(
  program: Program<T>,
  args: readonly string[],
): CommandLine<T> {
  const table: OptionTable = { ...program.options, ...COMMON };
  const names = Object.keys(table);
  const isValued = (name: string) => "value" in table[name];
  const alias: Record<string, string> = {};
  for (const [name, { short }] of Object.entries(table)) {
    if (short) alias[short] = name;
  }

  for (const arg of args) {
    if (arg === "--") break;
    const [, name = ""] = /^--([^=]+)=/.exec(arg) ?? [];
    if (Object.hasOwn(table, name) && !isValued(name)) {
      throw new UsageError(`Cannot use --${name} with a value: it takes no value`);
    }
  }

  const parsed = parseArgs(args, {
    string: [...names.filter(isValued), "_"],
    boolean: names.filter((name) => !isValued(name)),
    alias,
    collect: names.filter(isValued),
    unknown: (arg, key) => {
      if (key === undefined) return true; // an operand
      const closest = closestString(key, names);
      throw new UsageError(
        `Unknown option ${arg.replace(/=.*/s, "")}` +
          (key.length > 1 ? `: did you mean --${closest}?` : `: see ${program.name} --help`),
      );
    },
  });
  const options: Record<string, unknown> = {};
  for (const name of names) {
    const given = parsed[name];
    const option = table[name];
    if (!("value" in option)) {
      options[name] = given === true;
      continue;
    }
    const values = given as string[];
    if (values.length > 1) throw new UsageError(`Cannot use --${name} twice`);
    if (values[0] === "") {
      throw new UsageError(
        `Cannot use --${name} without its value, ${option.value}`,
      );
    }
    try {
      options[name] = values.length === 0 ? undefined : option.parse(values[0]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const reason = error.message.replace(
        /^it must/,
        `Cannot use this --${name}: it must`,
      );
      throw new UsageError(reason, { cause: error });
    }
  }
  const operands = parsed._.map(String);
  if (
    operands.length > program.maxOperands && !options.help && !options.version
  ) {
    throw new UsageError(
      `Cannot use "${
        operands[program.maxOperands]
      }": ${program.name} takes ${program.operands}, see --help`,
    );
  }
  return {
    options: options as Options<T>,
    operands,
    ...(options.help
      ? { print: helpOf(program) }
      : options.version
      ? { print: `${program.name} (camcat) ${program.version}` }
      : {}),
  };
}

/** The text of `--help`. */
export function helpOf<T extends OptionTable>(program: Program<T>): string {
  const table: OptionTable = { ...program.options, ...COMMON };
  const rows = Object.entries(table).map(([name, { short, help, group, ...rest }]) => {
    const left = `  ${short ? `-${short}, ` : "    "}--${name}${
      "value" in rest ? ` ${rest.value}` : ""
    }`;
    return { left, help, heading: group === undefined ? [] : ["", `${group}:`] };
  });
  const width = Math.min(MAX_OPTION_COLUMNS, Math.max(...rows.map(({ left }) => left.length))) + 2;
  const lines = rows.flatMap(({ left, help, heading }) => {
    const [first, ...more] = wrapped(help, HELP_COLUMNS - width).map((line) =>
      " ".repeat(width) + line
    );
    return left.length > width - 2
      ? [...heading, left, first, ...more]
      : [...heading, left + first.slice(left.length), ...more];
  });
  return [
    `Usage: ${program.name} [OPTION]... ${program.operands}`,
    ...wrapped(program.summary, HELP_COLUMNS),
    ...(lines[0] === "" ? [] : [""]),
    ...lines,
    "",
    program.more.trim(),
    "",
    "Exit status: 0 success or stopped by the user, 1 failure, 2 wrong command line",
  ].join("\n");
}

/** Breaks a text into lines between words. */
function wrapped(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** Makes a parser for whole numbers. */
export function wholeNumber(
  min: number,
  max: number,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new UsageError(
      `it must be a whole number from ${min} to ${max}, received "${text}"`,
    );
  };
}

/** Makes a parser for decimal numbers. */
export function decimal(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) {
      return value;
    }
    throw new UsageError(
      `it must be a number from ${min} to ${max}, received "${text}"`,
    );
  };
}

/** Makes a parser that accepts the given words only. */
export function oneOf<const W extends string>(
  words: readonly W[],
): (text: string) => W {
  return (text) => {
    const word = words.find((word) => word === text);
    if (word !== undefined) return word;
    throw new UsageError(
      `it must be ${words.join(" or ")}, received "${text}"`,
    );
  };
}
