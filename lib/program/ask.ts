/**
 * Asking the user on the terminal.
 *
 * @module
 */

import { aborted } from "../base/abort.ts";
import { stderr } from "./stdio.ts";

/** The longest answer, in bytes. */
const MAX_ANSWER_BYTES = 1000;

/** Whether there is somebody to ask: standard input and standard error are a terminal. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Asks a question, and waits for a line.
 *
 * @returns undefined if there is none: the input has ended, or `signal` is aborted
 */
export async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  stderr.write(question);
  const bytes = new Uint8Array(MAX_ANSWER_BYTES); // a terminal gives whole lines
  const count = await Promise.race([Deno.stdin.read(bytes), aborted(signal)]);
  return count ? new TextDecoder().decode(bytes.subarray(0, count)).trim() : undefined;
}
