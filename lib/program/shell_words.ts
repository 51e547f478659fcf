/**
 * Splitting a command line into words, as a shell does but without running one.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** Single quotes, double quotes, a backslash with a character, plain text, or blanks. */
const PIECE = /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])|([^'"\\ \t\r\n]+)|[ \t\r\n]+/gy;

/**
 * Splits a command at its blanks. `'…'` and `"…"` group; outside of `'…'` a backslash makes the next
 * character an ordinary one. Nothing else is special: no variables, no patterns, no `;`, `|` or `>`.
 *
 * @returns at least one word
 * @throws {UsageError} if a quote is not closed, the text ends with a backslash, or there is no word
 */
export function splitWords(text: string): [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  let end = 0;
  for (const [piece, single, double, escaped, plain] of text.matchAll(PIECE)) {
    end += piece.length;
    const part = single ?? double?.replace(/\\([^])/g, "$1") ?? escaped ?? plain;
    if (part !== undefined) word = (word ?? "") + part;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (end < text.length) {
    const what = text[end] === "\\" ? "a character after its last backslash" : "a closing quote";
    throw new UsageError(`it must have ${what}, received "${text}"`);
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (!program) throw new UsageError(`it must start with a program, received "${text}"`);
  return [program, ...args];
}
