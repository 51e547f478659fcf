/**
 * `sender`: captures from cameras and sends their pictures to viewers.
 *
 * @module
 */

import { SENDER } from "./lib/options/sender_options.ts";
import { parseCommandLine } from "./lib/program/options.ts";
import { runProgram } from "./lib/program/run_program.ts";
import { print } from "./lib/program/stdio.ts";

async function main(): Promise<number> {
  const { options, operands, print: answer } = parseCommandLine(SENDER, Deno.args);
  if (answer !== undefined) {
    print(answer);
    return 0;
  }
  // Nine tenths of the program: `--version` and `--help` do without.
  const { runSender } = await import("./lib/cli/sender_command.ts");
  return await runSender(options, operands);
}

if (import.meta.main) await runProgram("sender", main);
