/**
 * Running a program: signals that stop it, and the exit status for its errors.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import { CamcatError, messageOf, UsageError } from "../base/errors.ts";
import { onAbort } from "../base/abort.ts";
import { readerExited, stderr, stdout } from "./stdio.ts";

/** A second signal within this time repeats the first: `timeout` signals the process and its group. */
const SAME_SIGNAL_MS = 500;

/**
 * A signal that is aborted when the user or the system asks the program to stop, or when nobody
 * reads its standard output any more.
 */
export function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  let abortedAt = 0;
  const end = () => {
    if (!controller.signal.aborted) {
      abortedAt = performance.now();
      controller.abort();
    } else if (performance.now() - abortedAt > SAME_SIGNAL_MS) Deno.exit(1); // immediately
  };
  if (Deno.build.os === "windows") {
    for (const signal of ["SIGINT", "SIGBREAK"] as const) Deno.addSignalListener(signal, end);
  } else {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, end);
    // Under nohup SIGHUP must stay ignored, and there is no terminal. Deno would end the program on
    // SIGHUP once it listens for any other signal.
    Deno.addSignalListener("SIGHUP", hasTerminal() ? end : () => {});
  }
  onAbort(readerExited, () => controller.abort());
  return controller.signal;
}

function hasTerminal(): boolean {
  return [Deno.stdin, Deno.stdout, Deno.stderr].some((file) => file.isTerminal());
}

/**
 * Runs a program's main function and exits with the status that it returns.
 *
 * @param main returns the exit status; its errors are printed and mapped to 1 or 2
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
    stderr.write(`${name}: ${safeText(messageOf(error))}\n`);
    status = error instanceof UsageError ? 2 : 1;
  }
  await Promise.all([stdout.flush(), stderr.flush()]);
  Deno.exit(status);
}
