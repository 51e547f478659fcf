/**
 * Command lines, parsed and validated by a table of options.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { parseArgs } from "@std/cli/parse-args";
// @ts-types="../std.d.ts"
import { closestString } from "@std/text/closest-string";
import { UsageError } from "../base/errors.ts";
import { helpOf } from "./help.ts";
import { COMMON_OPTIONS, type Options, type OptionTable, type Program } from "./option_table.ts";

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
  const table: OptionTable = { ...program.options, ...COMMON_OPTIONS };
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
    if (values[0] === "" && option.bare !== undefined) values[0] = option.bare;
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
      ? { print: helpOf(program, topicAfterHelp(args)) }
      : options.version
      ? { print: `${program.name} (camcat) ${program.version}` }
      : {}),
  };
}

/** What `--help` is asked about. */
function topicAfterHelp(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => arg === "--help" || arg === "-h");
  const topic = at < 0 ? undefined : args[at + 1];
  return topic?.startsWith("-") ? undefined : topic;
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
