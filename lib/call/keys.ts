/**
 * What the user of a call types, key by key.
 *
 * @module
 */

import { readTerminal } from "../display/terminal_keys.ts";

/** The keyboard of the terminal, if there is one. Disposing of it gives the terminal back. */
export class Keys implements Disposable {
  /** Whether there is somebody to ask. */
  readonly isThere: boolean;

  /** Who listens; the last one gets the keys. */
  #listeners: ((key: string) => void)[] = [];

  /** Reads keys from now on, without echo; Ctrl-C still ends the program. */
  constructor() {
    this.isThere = Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
    if (!this.isThere) return;
    Deno.stdin.setRaw(true, { cbreak: true });
    readTerminal({ onKey: (key) => this.#listeners.at(-1)?.(key.toLowerCase()), onAnswers() {} });
  }

  /** Calls `onKey` with every key, until the result is disposed of. */
  listen(onKey: (key: string) => void): Disposable {
    this.#listeners.push(onKey);
    return {
      [Symbol.dispose]: () => {
        this.#listeners = this.#listeners.filter((it) => it !== onKey);
      },
    };
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    if (!this.isThere) return;
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // the terminal was closed
    }
  }
}
