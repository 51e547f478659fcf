/**
 * The frame of a program: how it is asked to end, and how its errors become an exit status.
 *
 * @module
 */

import { printable } from "../base/text.ts";
import { CamcatError, messageOf, UsageError } from "../base/errors.ts";
import { stderr, stdout } from "./stdio.ts";

/** Within it a second signal is the first again: `timeout` sends one to us and one to all. */
const SAME_SIGNAL_MS = 500;

/** Is aborted by the signals that ask a program to end. */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let abortedAt = 0;
  const end = () => {
    if (!controller.signal.aborted) {
      abortedAt = performance.now();
      controller.abort();
    } else if (performance.now() - abortedAt > SAME_SIGNAL_MS) Deno.exit(1); // at once
  };
  if (Deno.build.os === "windows") {
    for (const signal of ["SIGINT", "SIGBREAK"] as const) Deno.addSignalListener(signal, end);
  } else {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, end);
    // nohup has it ignored, and leaves a program no terminal. Deno would undo that as soon as
    // it listens for any signal.
    Deno.addSignalListener("SIGHUP", hasTerminal() ? end : () => {});
  }
  return controller.signal;
}

function hasTerminal(): boolean {
  return [Deno.stdin, Deno.stdout, Deno.stderr].some((file) => file.isTerminal());
}

/**
 * Runs a program's main function and exits with the status it gives.
 *
 * @param main gives the exit status; what it throws is told and mapped to one
 */
export async function runProgram(
  name: string,
  main: () => Promise<number>,
): Promise<never> {
  let status: number;
  try {
    status = await main();
  } catch (error) {
    if (!(error instanceof CamcatError || error instanceof UsageError)) {
      throw error;
    }
    stderr.write(`${name}: ${printable(messageOf(error))}\n`);
    status = error instanceof UsageError ? 2 : 1;
  }
  await Promise.all([stdout.flush(), stderr.flush()]);
  Deno.exit(status);
}
