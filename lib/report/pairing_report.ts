/**
 * Shows a code, and tells what becomes of it.
 *
 * @module
 */

import type { Console, Status } from "../program/console.ts";
import { CODE_MS, formatCode, MAX_TRIES } from "../pairing/code.ts";
import type { PairingNews, PairingState } from "../protocol/pairing_messages.ts";

/** The programs that show a code, each with who asks for it. */
const GUESTS = {
  sender: { all: "A receiver or a page without the key", one: "a new receiver" },
  call: { all: "A caller without the key", one: "a new caller" },
};

/** A program that shows a code. */
export type PairingProgram = keyof typeof GUESTS;

/** Reports on pairing on a {@linkcode Console}. Only a terminal shows the code. */
export class PairingReport {
  #console: Console;
  #program: PairingProgram;

  /** Reports on this console. */
  constructor(console: Console, program: PairingProgram) {
    this.#console = console;
    this.#program = program;
  }

  /** Shows a code. The console must be a terminal. */
  code(code: string): void {
    const minutes = CODE_MS / 60_000;
    this.#console.event(
      { event: "pairing", state: "open", peer: "", tries: MAX_TRIES },
      `${GUESTS[this.#program].all} asks for this code. It works once, within ` +
        `${minutes} minutes, and may be tried ${MAX_TRIES} times:`,
      [`  ${formatCode(code)}`],
    );
  }

  /** Reports that somebody with the key, at that address, shows a code of this program. */
  invited(peer: string): void {
    this.#console.event(
      { event: "pairing", state: "open", peer, tries: MAX_TRIES },
      `\`${this.#program} --pair\` at ${peer} shows a code for ${GUESTS[this.#program].one}`,
    );
  }

  /** Reports what has become of the code. */
  news({ state, peer, tries }: Omit<PairingNews, "type">): void {
    const event = { event: "pairing", state, peer, tries };
    const sentence = sentences(this.#program, peer, tries)[state];
    if (state === "paired") this.#console.event(event, sentence);
    else this.#console.warn(event, sentence);
  }
}

function sentences(
  program: PairingProgram,
  peer: string,
  tries: number,
): Record<PairingState, string> {
  return {
    paired: `Paired: ${peer} has the key now`,
    wrong: `${peer} tried a wrong code; ${tries} ${tries === 1 ? "try is" : "tries are"} left`,
    expired: `The code has expired. Run \`${program} --pair\` for another one`,
    "used up": `${peer} tried a wrong code. That was the last try: the code is not valid any ` +
      `more. Run \`${program} --pair\` for another one; if it was not you, somebody guesses`,
    withdrawn: "The code is not valid any more",
  };
}

/** How long a code is still valid, for the status line. */
export function codeStatus(code: string, secondsLeft: number): Status {
  const seconds = `${secondsLeft % 60}`.padStart(2, "0");
  const left = `${Math.floor(secondsLeft / 60)}:${seconds}`;
  return { text: `code ${formatCode(code)}, ${left} left`, json: {} };
}
