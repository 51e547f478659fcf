/**
 * Codes of six digits, as a user reads and mistypes them.
 *
 * @module
 */

import type { Pty } from "./pty.ts";

/** The code on a screen, as the text has it and not the status line. */
export async function codeOn(pty: Pty): Promise<string> {
  const pattern = /^ {2}(\d{3}) (\d{3})$/m;
  await pty.shows((screen) => pattern.test(screen.text), "a code");
  const [, first, second] = pattern.exec(pty.screen.text)!;
  return first + second;
}

/** Another code. */
export function wrong(code: string): string {
  return `${(Number(code) + 1) % 1_000_000}`.padStart(6, "0");
}
