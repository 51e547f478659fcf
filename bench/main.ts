/**
 * Measures the compiled programs, next to what can be compared with them:
 *
 *     ./denow task bench [--dist DIR] [--dist-before DIR] [--install] [--long] [ROW...]
 *
 * `--dist-before` names a folder of older programs, which `start`, `links`, `fast-link` and `grid`
 * measure in the same run.
 * `--install` gets what peers need from the distribution; `--long` takes more time, and
 * runs the rows that take an hour. Figures are kept in `bench/results.json`, and
 * the tables and charts of `docs/performance.md` made from them.
 *
 * All figures of a row are made in one run. Those of two runs, or two machines, say little
 * about each other: compare ratios.
 *
 * @module
 */

// @ts-types="../lib/std.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { Clips } from "./clip.ts";
import { type Figure, isMet, targetOf, textOf } from "./figures.ts";
import { install } from "./packages.ts";
import { report } from "./report.ts";
import { keep, thisMachine } from "./results.ts";
import { ROWS } from "./rows.ts";
import { lines, tablesOf } from "./tables.ts";

const options = parseArgs(Deno.args, {
  string: ["dist", "dist-before"],
  boolean: ["install", "long", "help"],
});
if (options.help) {
  console.log("Usage: bench [--dist DIR] [--dist-before DIR] [--install] [--long] [ROW...]\n");
  for (const [name, { about, long }] of Object.entries(ROWS)) {
    console.log(`  ${name.padEnd(12)}  ${about}${long ? " (only with --long, or by name)" : ""}`);
  }
  Deno.exit(0);
}
if (Deno.build.os !== "linux") {
  console.error("Cannot measure here: CPU time, memory and sockets are read as Linux has them");
  Deno.exit(1);
}
const unknown = options._.find((name) => ROWS[name] === undefined);
if (unknown !== undefined) {
  console.error(`Cannot measure "${unknown}": it must be one of ${Object.keys(ROWS).join(", ")}`);
  Deno.exit(2);
}
// The children are ended when the program exits, however that comes about.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => Deno.exit(1));
}
if (options.install) install();

using clips = new Clips();
const bench = {
  dist: String(options.dist ?? new URL("../dist", import.meta.url).pathname),
  distBefore: options["dist-before"] as string | undefined,
  long: options.long === true,
  clip: clips.get.bind(clips),
};
const machine = thisMachine();
const names = options._.length > 0
  ? options._
  : Object.keys(ROWS).filter((name) => options.long || !ROWS[name].long);
let failed = false;
for (const name of names) {
  const { about, run } = ROWS[name];
  console.log(`\n${name}: ${about}`);
  const date = new Date();
  const figures: Figure[] = [], notes: string[] = [];
  try {
    for await (const given of run(bench)) {
      if ("note" in given) notes.push(given.note);
      else figures.push(given);
    }
  } catch (error) {
    console.error(`  FAILED: ${(error as Error).message}`);
    failed = true;
    continue; // what was measured before is still true
  }
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  print(figures, notes);
  console.log(`\n(${seconds} s)`);
  await keep(name, { about, date: date.toISOString(), seconds, machine, figures, notes });
}
await report();
if (failed) Deno.exit(1);

function print(figures: Figure[], notes: string[]): void {
  for (const table of tablesOf(figures)) console.log(`\n${lines(table).join("\n")}`);
  if (notes.length > 0) console.log();
  for (const note of notes) console.log(`note: ${note}`);
  for (const figure of figures) {
    const [met, { table, of, what }] = [isMet(figure), figure];
    if (met === undefined) continue;
    const value = `${textOf(figure)} ${figure.unit}`.trim();
    console.log(
      `${met ? "met   " : "MISSED"} ${targetOf(figure)}: ${value}, ${of}, ${what} [${table}]`,
    );
  }
}
