/**
 * Parsing the input of a terminal: keys, and answers to status requests.
 *
 * @module
 */

/** The answer to {@linkcode ASK}: no malfunction (ECMA-48 section 8.3.35, DSR). */
const ANSWER = "\x1b[0n";
/** Requests an answer once the terminal has processed all text before it (ECMA-48, DSR). */
export const ASK = "\x1b[5n";

/** Stand for the arrow keys. */
export const [UP, DOWN] = ["\u2191", "\u2193"];

/** Arrow keys, in both spellings (xterm: normal and application cursor keys). */
const ARROWS = new Map([["\x1b[A", UP], ["\x1bOA", UP], ["\x1b[B", DOWN], ["\x1bOB", DOWN]]);

/** Parsed input. */
export interface TerminalInput {
  /** Keys of one character, including Esc, {@linkcode UP} and {@linkcode DOWN}. */
  keys: string[];
  /** Number of answers to {@linkcode ASK}. */
  answers: number;
  /** An incomplete sequence, to be put before the next input. */
  rest: string;
}

/** Control sequences, two-character sequences, and single characters. */
// deno-lint-ignore no-control-regex -- sequences begin with it
const PIECE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b[^[O\x1b]|[^\x1b]|\x1b(?=\x1b)/gsy;

/** Parses input of a terminal. */
export function readTerminalInput(text: string): TerminalInput {
  const input: TerminalInput = { keys: [], answers: 0, rest: "" };
  let end = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    end += piece.length;
    if (piece === ANSWER) input.answers++;
    else if (piece.length === 1) input.keys.push(piece);
    else if (ARROWS.has(piece)) input.keys.push(ARROWS.get(piece)!);
  }
  input.rest = text.slice(end);
  // No key has a sequence this long.
  if (input.rest.length > 32) input.rest = "";
  return input;
}
