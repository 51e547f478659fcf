/**
 * Measures the compiled programs, next to what can be compared with them:
 *
 *     deno task bench [--dist DIR] [--long] [ROW...]
 *
 * All figures are made in this run. Those of two runs, or two machines, say little
 * about each other: compare ratios.
 *
 * @module
 */

// @ts-types="../lib/std.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { Clips } from "./clip.ts";
import { display } from "./display.ts";
import { fanOut } from "./fan_out.ts";
import type { Figure, Row } from "./figures.ts";
import { keyed } from "./keyed.ts";
import { latency } from "./latency.ts";
import { leak } from "./leak.ts";
import { receiverCpu } from "./receiver_cpu.ts";
import { senderCpu } from "./sender_cpu.ts";
import { slowLink } from "./slow_link.ts";
import { stall } from "./stall.ts";
import { start } from "./start.ts";

const ROWS: Record<string, Row> = {
  start,
  latency,
  display,
  "sender-cpu": senderCpu,
  "receiver-cpu": receiverCpu,
  keyed,
  "fan-out": fanOut,
  "slow-link": slowLink,
  stall,
  leak,
};

function print(row: string, { what, value, target = "", met }: Figure): void {
  const verdict = met === undefined ? "" : met ? "met" : "MISSED";
  console.log(
    [row.padEnd(14), what.padEnd(44), value.padEnd(28), target.padEnd(12), verdict].join("  ")
      .trimEnd(),
  );
}

if (Deno.build.os !== "linux") {
  console.error("Cannot measure here: CPU time, memory and descriptors are read as Linux has them");
  Deno.exit(1);
}
const { _: names, dist, long } = parseArgs(Deno.args, { string: ["dist"], boolean: ["long"] });
const unknown = names.find((name) => ROWS[name] === undefined);
if (unknown !== undefined) {
  console.error(
    `Cannot measure "${unknown}": it must be one of ${Object.keys(ROWS).join(", ")}`,
  );
  Deno.exit(2);
}
// The children are ended when the program exits, however that comes about.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => Deno.exit(1));
}
using clips = new Clips();
const bench = {
  dist: String(dist ?? new URL("../dist", import.meta.url).pathname),
  long: long === true,
  clip: (size: string, fps: number) => clips.get(size, fps),
};
for (const name of names.length > 0 ? names : Object.keys(ROWS)) {
  console.log(`\n${name}: ${ROWS[name].about}`);
  for await (const figure of ROWS[name].run(bench)) print(name, figure);
}
