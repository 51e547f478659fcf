/**
 * A console whose output is kept.
 *
 * @module
 */

import { Console, type ConsoleOptions } from "../../lib/program/console.ts";

/** Keeps what a {@linkcode Console} prints, for machines and for people. */
export class KeptConsole {
  /** Standard output. */
  out = "";
  /** Standard error. */
  err = "";
  /** Prints to the two. */
  readonly console: Console;

  constructor(options: Partial<ConsoleOptions> = {}, isTerminal = false) {
    this.console = new Console({ json: false, quiet: false, verbose: false, ...options }, {
      stdout: { write: (text) => void (this.out += text) },
      stderr: { write: (text) => void (this.err += text), flush: () => Promise.resolve() },
      isTerminal,
    });
  }

  /** The standard error since the last call. */
  next(): string {
    const { err } = this;
    this.err = "";
    return err;
  }
}
