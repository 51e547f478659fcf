/**
 * Measures the compiled programs, next to what can be compared with them:
 *
 *     ./denow task bench [--dist DIR] [--install] [--long] [ROW...]
 *
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
import { type Figure, isMet, type Note, targetOf, textOf } from "./figures.ts";
import { install } from "./packages.ts";
import { report } from "./report.ts";
import { keep, thisMachine } from "./results.ts";
import { ROWS } from "./rows.ts";

const options = parseArgs(Deno.args, {
  string: ["dist"],
  boolean: ["install", "long", "help"],
});
if (options.help) {
  console.log("Usage: bench [--dist DIR] [--install] [--long] [ROW...]\n");
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
  long: options.long === true,
  clip: clips.get.bind(clips),
};
const machine = thisMachine();
const names = options._.length > 0
  ? options._
  : Object.keys(ROWS).filter((name) => options.long || !ROWS[name].long);
let failed = false;
let table: string | undefined; // the one under which figures are printed
for (const name of names) {
  const { about, run } = ROWS[name];
  console.log(`\n${name}: ${about}`);
  table = undefined;
  const date = new Date();
  const figures: Figure[] = [], notes: string[] = [];
  try {
    for await (const given of run(bench)) {
      if ("note" in given) notes.push(given.note);
      else figures.push(given);
      print(given);
    }
  } catch (error) {
    console.error(`  FAILED: ${(error as Error).message}`);
    failed = true;
    continue; // what was measured before is still true
  }
  const seconds = Math.round((Date.now() - date.getTime()) / 1000);
  console.log(`  (${seconds} s)`);
  await keep(name, { about, date: date.toISOString(), seconds, machine, figures, notes });
}
await report();
if (failed) Deno.exit(1);

function print(given: Figure | Note): void {
  if ("note" in given) return console.log(`  note: ${given.note}`);
  if (given.table !== table) console.log(`  ${table = given.table}`);
  const met = isMet(given);
  const verdict = met === undefined ? "" : met ? "met" : "MISSED";
  const value = `${textOf(given)} ${given.unit}`;
  const cells = [given.of.padEnd(42), given.what.padEnd(18), value.padEnd(30)];
  console.log(["  ", ...cells, targetOf(given).padEnd(9), verdict].join("  ").trimEnd());
}
