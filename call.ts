/**
 * `call`: calls somebody, or waits for a call; both ends see and hear each other.
 *
 * @module
 */

import { CALL } from "./lib/options/call_options.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { runProgram } from "./lib/program/run_program.ts";
import { print } from "./lib/program/stdio.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(CALL, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  // Nine tenths of the program: `--version` and `--help` do without.
  const { runCall } = await import("./lib/cli/call_command.ts");
  return await runCall(options, operands);
}

if (import.meta.main) await runProgram("call", main);
