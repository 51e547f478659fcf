/**
 * What comes from a terminal.
 *
 * @module
 */

/** What a terminal answers to {@linkcode ASK}: no malfunction (ECMA-48, DSR). */
const ANSWER = "\x1b[0n";
/** Asks a terminal for an answer, when it has come that far (ECMA-48, DSR). */
export const ASK = "\x1b[5n";

/** What was found in the input. */
export interface TerminalInput {
  /** Keys that are one character, Esc among them. */
  keys: string[];
  /** How many answers to {@linkcode ASK} there were. */
  answers: number;
  /** The beginning of something; belongs before what comes next. */
  rest: string;
}

/** Answers, sequences of other keys, and characters, in this order where they begin alike. */
// deno-lint-ignore no-control-regex -- that is what they consist of
const PIECE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b[^[O\x1b]|[^\x1b]|\x1b(?=\x1b)/gsy;

/** Takes the input of a terminal apart. */
export function readTerminalInput(text: string): TerminalInput {
  const input: TerminalInput = { keys: [], answers: 0, rest: "" };
  let end = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    end += piece.length;
    if (piece === ANSWER) input.answers++;
    else if (piece.length === 1) input.keys.push(piece);
  }
  input.rest = text.slice(end);
  // No sequence is that long: it is not one.
  if (input.rest.length > 32) input.rest = "";
  return input;
}
