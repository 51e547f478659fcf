/**
 * Reading keys and answers from the terminal of standard input.
 *
 * @module
 */

import { readTerminalInput } from "./terminal_input.ts";

/** The rest of a sequence follows an Esc within this time, in milliseconds; else the key was Esc. */
const ESCAPE_MS = 100;

/** Reads standard input, in raw mode, until it is closed. */
export async function readTerminal(
  { onKey, onAnswers }: {
    /** Called with every key of one character. */
    onKey: (key: string) => void;
    /** Called with the number of answers to status requests, which may be 0. */
    onAnswers: (count: number) => void;
  },
): Promise<void> {
  const bytes = new Uint8Array(1024);
  let rest = "";
  let escape: ReturnType<typeof setTimeout> | undefined;
  try {
    for (let count; (count = await Deno.stdin.read(bytes)) !== null;) {
      clearTimeout(escape);
      const input = readTerminalInput(rest + String.fromCharCode(...bytes.subarray(0, count)));
      rest = input.rest;
      if (rest === "\x1b") {
        escape = setTimeout(() => {
          rest = "";
          onKey("\x1b");
        }, ESCAPE_MS);
      }
      for (const key of input.keys) onKey(key);
      onAnswers(input.answers);
    }
  } catch {
    // The terminal was closed.
  }
}
