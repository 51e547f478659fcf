/**
 * `receiver`: receives the pictures of a sender, and shows, records or forwards them.
 *
 * @module
 */

import { RECEIVER } from "./lib/options/receiver_options.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { runProgram } from "./lib/program/run_program.ts";
import { print } from "./lib/program/stdio.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(RECEIVER, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  // Nine tenths of the program: `--version` and `--help` do without.
  const { runReceiver } = await import("./lib/cli/receiver_command.ts");
  return await runReceiver(options, operands);
}

if (import.meta.main) await runProgram("receiver", main);
