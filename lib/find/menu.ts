/**
 * A list on the terminal to choose one entry from.
 *
 * @module
 */

import { aborted } from "../base/abort.ts";
import { stderr } from "../program/stdio.ts";
import { safeText } from "../base/text.ts";
import { DOWN, readTerminalInput, UP } from "../display/terminal_input.ts";

/** More entries are not listed: a terminal has a few dozen lines. */
const MAX_ENTRIES = 20;

/**
 * Lets the user choose one of `entries`, by its number or with the arrow keys and Enter.
 *
 * @returns its index; undefined if the user pressed q, Esc or Ctrl-C, or `signal` is aborted
 */
export async function choose(
  title: string,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<number | undefined> {
  const count = Math.min(entries.length, MAX_ENTRIES);
  const width = (Deno.consoleSize().columns || 80) - 3; // a line that is broken cannot be redrawn
  let at = 0;
  const draw = (isFirst: boolean) => {
    if (!isFirst) stderr.write(`\x1b[${count}A`);
    for (const [index, entry] of entries.slice(0, count).entries()) {
      const line = [...safeText(`${index + 1}  ${entry}`)].slice(0, width).join("");
      stderr.write(`\r\x1b[2K${index === at ? `\x1b[1m> ${line}\x1b[m` : `  ${line}`}\n`);
    }
  };
  stderr.write(`${title}. Press a number, or the arrow keys and Enter; q quits\n`);
  Deno.stdin.setRaw(true);
  try {
    draw(true);
    for await (const key of keys(signal)) {
      if (key === "\r" || key === "\n") return at;
      if (["q", "Q", "\x1b", "\x03", "\x04"].includes(key)) return undefined;
      const number = key >= "1" && key <= "9" ? Number(key) : 0;
      if (number >= 1 && number <= count) return number - 1;
      if (key === UP || key === "k") at = (at + count - 1) % count;
      else if (key === DOWN || key === "j") at = (at + 1) % count;
      draw(false);
    }
    return undefined;
  } finally {
    Deno.stdin.setRaw(false);
    await stderr.flush();
  }
}

/** The keys that are pressed, until standard input is closed. It reads no further than asked for. */
async function* keys(signal: AbortSignal): AsyncGenerator<string, void, void> {
  const bytes = new Uint8Array(64);
  let rest = "";
  for (;;) {
    const count = await Promise.race([Deno.stdin.read(bytes), aborted(signal)]);
    if (typeof count !== "number") return;
    const input = readTerminalInput(rest + String.fromCharCode(...bytes.subarray(0, count)));
    rest = input.rest;
    yield* input.keys;
    if (rest !== "\x1b") continue;
    rest = "";
    yield "\x1b"; // sequences of arrow keys come as a whole
  }
}
