/**
 * Looks for inputs that parsers cannot take:
 *
 *     ./denow task fuzz [--seconds N] [--seed N] [TARGET...]
 *
 * N seconds a target (default 10), beginning with the case of a seed (default: a
 * new one each time). A failure names the seed of its case; with that, and
 * `--seconds 0`, the case runs alone.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { messageOf } from "../lib/base/errors.ts";
import { FuzzFailure, runCase, runFor } from "../tests/fuzz/run.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";

/** Ends the program with a message and no stack trace. */
function fail(message: string, status: number): never {
  console.error(message);
  Deno.exit(status);
}

function readOptions(): { seconds: number; seed: number; names: string[] } {
  try {
    const { values, positionals } = parseArgs({
      options: { seconds: { type: "string" }, seed: { type: "string" } },
      allowPositionals: true,
      args: Deno.args,
    });
    const seconds = Number(values.seconds ?? 10);
    const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    const unknown = positionals.filter((name) => !Object.hasOwn(TARGETS, name));
    if (unknown.length > 0) throw new Error(`there is no target ${unknown.join(", ")}`);
    if (!(seconds >= 0)) throw new Error("--seconds must be a number from 0");
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error("--seed must be a whole number");
    return { seconds, seed, names: positionals.length > 0 ? positionals : Object.keys(TARGETS) };
  } catch (error) {
    return fail(
      "Cannot fuzz: options must be [--seconds N] [--seed N] [TARGET...], where TARGET is one of " +
        `${Object.keys(TARGETS).join(", ")} (${messageOf(error)})`,
      2,
    );
  }
}

const { seconds, seed, names } = readOptions();
console.log(`seed ${seed}`);
let failures = 0;
for (const name of names) {
  try {
    runCase(name, TARGETS[name], seed);
    const count = runFor(name, TARGETS[name], seed + 1, seconds * 1000);
    console.log(`${name}: ${count + 1} cases`);
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    failures++;
    const { cause } = error;
    console.error(`${error.message}\n${cause instanceof Error ? cause.stack : cause}`);
  }
}
Deno.exit(failures > 0 ? 1 : 0);
