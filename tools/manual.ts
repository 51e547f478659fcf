/**
 * Manual pages, in mdoc(7), from the options and the help of the programs:
 *
 *     deno run -A tools/manual.ts DIR
 *
 * writes `sender.1`, `receiver.1` and `call.1` into DIR.
 *
 * @module
 */

import { CALL } from "../lib/options/call_options.ts";
import { RECEIVER } from "../lib/options/receiver_options.ts";
import { SENDER } from "../lib/options/sender_options.ts";
import { wrapped } from "../lib/program/help.ts";
import {
  type Block,
  optionsByTopic,
  type OptionTable,
  type Program,
  type Rows,
  type Terms,
} from "../lib/program/option_table.ts";
import { sourceDate } from "./source_date.ts";

/** Lines of the source are at most this long. */
const COLUMNS = 78;

/** Every program. */
// deno-lint-ignore no-explicit-any -- programs with different options
const PROGRAMS: Program<any>[] = [SENDER, RECEIVER, CALL];

/**
 * The manual page of a program.
 *
 * @param date of the page, as `November 26, 2026`
 */
export function manualOf<T extends OptionTable>(program: Program<T>, date: string): string {
  const { name, operands, summary, topics, examples } = program;
  const others = PROGRAMS.map(({ name }) => name).filter((other) => other !== name).sort();
  const [brief] = summary.split(". ");
  return [
    `.Dd ${date}`,
    `.Dt ${name.toUpperCase()} 1`,
    ".Os",
    ".Sh NAME",
    `.Nm ${name}`,
    `.Nd ${escaped(brief[0].toLowerCase() + brief.slice(1).replace(/\.$/, ""))}`,
    ".Sh SYNOPSIS",
    ".Nm",
    ".Op Ar option ...",
    ...operandMacros(operands),
    ".Sh DESCRIPTION",
    ...sentences(summary),
    ...[...optionsByTopic(program)].flatMap(([topic, rows]) => [
      `.Ss ${escaped(topics[topic].title)}`,
      ...optionList(rows),
      ...blocks(topics[topic].text ?? [], rows.length > 0),
    ]),
    ".Sh EXIT STATUS",
    ".Bl -tag -width Ds",
    ".It 0",
    "success, or stopped by the user",
    ".It 1",
    "failure",
    ".It 2",
    "wrong command line",
    ".El",
    ".Sh EXAMPLES",
    ...termList(examples),
    ".Sh SEE ALSO",
    ...others.map((other, index) => `.Xr ${other} 1${index < others.length - 1 ? " ," : ""}`),
    "",
  ].join("\n");
}

/** `[SOURCE]...` becomes an optional argument. */
function operandMacros(operands: string): string[] {
  const [, optional] = /^\[(.*)\]\.\.\.$/.exec(operands) ?? [];
  return [optional === undefined ? `.Ar ${escaped(operands)}` : `.Op Ar ${optional} ...`];
}

function optionList(rows: Rows): string[] {
  if (rows.length === 0) return [];
  const items = rows.flatMap(([name, option]) => {
    const short = option.short ? `Fl ${option.short} , ` : "";
    const value = "value" in option ? ` Ar ${quoted(option.value)}` : "";
    const topic = name === "help" ? " Op Ar topic" : "";
    return [`.It ${short}Fl \\-${escaped(name)}${value}${topic}`, ...sentences(option.help)];
  });
  return [".Bl -tag -width Ds", ...items, ".El"];
}

/** @param isBelow whether something stands above the first of them */
function blocks(blocks: readonly Block[], isBelow: boolean): string[] {
  return blocks.flatMap((block, index) => {
    if (typeof block !== "string") return termList(block);
    return [...(index > 0 || isBelow ? [".Pp"] : []), ...sentences(block)];
  });
}

function termList(terms: Terms): string[] {
  const items = terms.flatMap(([term, meaning]) => [
    `.It Li ${quoted(term)}`,
    ...(meaning === "" ? [] : sentences(meaning)),
  ]);
  return [".Bl -tag -width Ds", ...items, ".El"];
}

/** Lines that each hold one sentence at most: troff sets the space between sentences. */
function sentences(text: string): string[] {
  return text.split(/(?<=[.!?]) (?=[A-Z*"])/).flatMap((sentence) =>
    wrapped(escaped(sentence), COLUMNS).map((line) => line.startsWith(".") ? `\\&${line}` : line)
  );
}

/** A text as one argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', "\\(dq")}"`;
}

/** A text without the characters that troff takes for its own. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq")
    .replaceAll("~", "\\(ti").replaceAll("^", "\\(ha").replaceAll("`", "\\(ga");
}

/** Writes the manual pages of all programs. */
export async function writeManuals(folder: string): Promise<void> {
  const date = new Date(await sourceDate() * 1000)
    .toLocaleDateString("en-US", { dateStyle: "long", timeZone: "UTC" });
  for (const program of PROGRAMS) {
    await Deno.writeTextFile(`${folder}/${program.name}.1`, manualOf(program, date));
  }
}

if (import.meta.main) await writeManuals(Deno.args[0]);
