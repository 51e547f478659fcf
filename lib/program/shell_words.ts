/**
 * A command as one text, split into words without a shell.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";

/** 'single quotes', "double quotes", a backslash, plain text, or blanks. */
const PIECE = /'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])|([^'"\\ \t\r\n]+)|[ \t\r\n]+/gy;

/**
 * Splits a command at its blanks. `'…'` and `"…"` group, a backslash makes the next
 * character an ordinary one except in `'…'`, and nothing else means anything: no
 * variables, no patterns, no `;`, `|` or `>`.
 *
 * @returns the words, at least one
 * @throws {UsageError} if a quote is not closed, the end is a backslash, or there is no word
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
    const what = text[end] === "\\"
      ? "a character after its last backslash"
      : "an end to its quotes";
    throw new UsageError(`it must have ${what}, received "${text}"`);
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (!program) throw new UsageError(`it must begin with a program, received "${text}"`);
  return [program, ...args];
}
