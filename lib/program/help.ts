/**
 * The text of `--help`: a screen of what matters, a topic, or everything.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import {
  type Block,
  COMMON_OPTIONS,
  optionsByTopic,
  type OptionTable,
  type Program,
  type Rows,
  type Terms,
} from "./option_table.ts";

/** Lines of the help are at most this long, like the classic terminal. */
const COLUMNS = 80;
/** Options and words that are longer than this have their meaning on the next line. */
const MAX_TERM_COLUMNS = 26;
/** The same for examples, which are mostly command. */
const MAX_EXAMPLE_COLUMNS = 48;
/** So many examples are in the short help. */
const FEW = 5;
/** The topic that stands for all of them. */
const ALL = "all";

/**
 * The help for a topic: its name, the name of an option in it, `all`, or undefined for the short
 * help.
 *
 * @throws {UsageError} if there is no such topic
 */
export function helpOf<T extends OptionTable>(program: Program<T>, topic?: string): string {
  if (topic === undefined) return shortHelp(program);
  if (topic === ALL) return fullHelp(program);
  const wanted = topic.replace(/^-+/, "");
  for (const [name, rows] of optionsByTopic(program)) {
    const isOfTopic = rows.some(([name, { short }]) => name === wanted || short === wanted);
    if (name === wanted || isOfTopic) return topicHelp(program, name, rows).join("\n");
  }
  throw new UsageError(
    `Cannot show help on "${topic}": it must be an option, or ${topicNames(program)}`,
  );
}

function topicNames<T extends OptionTable>({ topics }: Program<T>): string {
  return `${Object.keys(topics).join(", ")} or ${ALL}`;
}

function shortHelp<T extends OptionTable>(program: Program<T>): string {
  const table: OptionTable = { ...program.options, ...COMMON_OPTIONS };
  const basic = Object.entries(table).filter(([, { basic }]) => basic);
  return [
    ...head(program),
    "",
    ...termLines(program.examples.slice(0, FEW), MAX_EXAMPLE_COLUMNS),
    "",
    ...termLines(optionTerms(basic)),
    "",
    ...wrapped(
      `${program.name} --help TOPIC tells more: ${topicNames(program)}`,
      COLUMNS,
    ),
  ].join("\n");
}

function fullHelp<T extends OptionTable>(program: Program<T>): string {
  return [
    ...head(program),
    ...[...optionsByTopic(program)].flatMap(([name, rows]) => [
      "",
      ...topicHelp(program, name, rows),
    ]),
    "",
    "Examples:",
    ...termLines(program.examples, MAX_EXAMPLE_COLUMNS),
    "",
    "Exit status: 0 success or stopped by the user, 1 failure, 2 wrong command line",
  ].join("\n");
}

function head<T extends OptionTable>({ name, operands, summary }: Program<T>): string[] {
  return [`Usage: ${name} [OPTION]... ${operands}`, ...wrapped(summary, COLUMNS)];
}

function topicHelp<T extends OptionTable>(program: Program<T>, name: string, rows: Rows): string[] {
  const { title, text = [] } = program.topics[name];
  const blocks = text.map(blockLines);
  const options = rows.length > 0 ? [termLines(optionTerms(rows))] : [];
  const parts = [...options, ...blocks];
  return [`${title}:`, ...parts.flatMap((lines, index) => index > 0 ? ["", ...lines] : lines)];
}

function blockLines(block: Block): string[] {
  return typeof block === "string" ? wrapped(block, COLUMNS) : termLines(block);
}

function optionTerms(rows: Rows): Terms {
  return rows.map(([name, option]) => {
    const short = option.short ? `-${option.short}, ` : "    ";
    const value = "value" in option ? ` ${option.value}` : name === "help" ? " [TOPIC]" : "";
    return [`${short}--${name}${value}`, option.help];
  });
}

/** Terms and their meanings in two columns. */
function termLines(terms: Terms, maxColumns = MAX_TERM_COLUMNS): string[] {
  const longest = Math.max(...terms.map(([term, meaning]) => meaning && term.length + 2 || 0));
  const width = Math.min(maxColumns, longest) + 2;
  return terms.flatMap(([term, meaning]) => {
    const left = `  ${term}`;
    if (meaning === "") return [left];
    const [first, ...more] = wrapped(meaning, COLUMNS - width)
      .map((line) => " ".repeat(width) + line);
    return left.length > width - 2
      ? [left, first, ...more]
      : [left + first.slice(left.length), ...more];
  });
}

/** Breaks a text into lines between words. */
export function wrapped(text: string, columns: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
