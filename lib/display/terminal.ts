/**
 * The terminal of standard output as a screen to draw on.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { Colors } from "./half_blocks.ts";
import { writeOut } from "../program/stdio.ts";
import { TerminalAnswers } from "./terminal_answers.ts";
import { ASK } from "./terminal_input.ts";
import { readTerminal } from "./terminal_keys.ts";

/** Switches to the alternate screen, hides the cursor, turns off line wrap, and clears (xterm). */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
/**
 * Undoes all of that, even in the middle of a sequence, which CAN ends (ECMA-48). It also clears
 * the picture on terminals without an alternate screen, such as the Linux console.
 */
const LEAVE = "\x18\x1b[?2026l\x1b[m\x1b[?7h\x1b[?25h\x1b[2J\x1b[H\x1b[?1049l";
/** Terminals that support it show everything between the two at once. */
const [BEGIN_UPDATE, END_UPDATE] = ["\x1b[?2026h", "\x1b[?2026l"];

/** How long closing waits for the last answer, in milliseconds: the shell would get it otherwise. */
const LAST_ANSWER_MS = 500;
/** A terminal that has not taken a drawing after this time is stopped, or the network is. */
const STUCK_MS = 400;
/** A window that is being resized reports many sizes: how long to wait for the last one. */
const RESIZE_MS = 100;
/** How long to wait for SIGTSTP to stop this process; it does not where there is no shell. */
const STOP_MS = 100;

/** Keys that send a signal to all programs of the terminal (termios: VINTR, VQUIT, VSUSP). */
const SIGNAL_KEYS: Record<string, Deno.Signal> = {
  "\x03": "SIGINT",
  "\x1c": "SIGQUIT",
  "\x1a": "SIGTSTP",
};

/** Largest area drawn on, whatever size the terminal reports. */
const MAX_SIZE = { columns: 640, rows: 200 };

const UTF8 = new TextEncoder();

/** Options of {@linkcode Terminal}. */
export interface TerminalOptions {
  /** Called with every key of one character. */
  onKey: (key: string) => void;
  /** Called when the size may have changed, and the content is lost. */
  onResize: () => void;
  /** Ends all waiting for the terminal. */
  signal: AbortSignal;
}

/** The whole terminal of standard output; disposing of it restores the terminal. */
export class Terminal implements AsyncDisposable {
  /** Its colours, according to the environment. */
  readonly colors: Colors = colorsOf(Deno.env.get("COLORTERM"), Deno.env.get("TERM"));

  #options: TerminalOptions;
  #closing = new AbortController();
  #signal: AbortSignal;
  #writing: Promise<void> = Promise.resolve();
  /** When the write under way began; undefined if there is none. */
  #writingSince: number | undefined;
  #hasKeys = Deno.stdin.isTerminal();
  #isLeft = false;
  #answers = new TerminalAnswers();
  /** Whether the shell has the terminal for a while, or is about to get it. */
  #isAway = false;
  /** Text to write before the next drawing. */
  #before = "";
  #resizing: ReturnType<typeof setTimeout> | undefined;
  #cleanups: (() => void)[] = [];

  private constructor(options: TerminalOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    // However this program exits, except by SIGKILL, the shell gets its terminal back.
    for (const type of ["unload", "error", "unhandledrejection"]) {
      const leave = () => this.#leave();
      globalThis.addEventListener(type, leave);
      this.#cleanups.push(() => globalThis.removeEventListener(type, leave));
    }
    if (this.#hasKeys) {
      Deno.stdin.setRaw(true);
      readTerminal({
        onKey: (key) => this.#press(key),
        onAnswers: (count) => this.#answers.take(count),
      });
    }
    this.#on("SIGWINCH", () => {
      clearTimeout(this.#resizing);
      this.#resizing = setTimeout(options.onResize, RESIZE_MS);
    });
    this.#on("SIGCONT", () => this.#enter());
    // The default action would exit without restoring the terminal.
    this.#on("SIGQUIT", () => options.onKey("q"));
  }

  /**
   * Checks that there is a terminal, before there is something to draw.
   *
   * @throws {UsageError} if there is none, or it shows only text
   */
  static check(): void {
    if (!Deno.stdout.isTerminal()) {
      throw new UsageError(
        "Cannot draw the picture: standard output is not a terminal. With ssh, use ssh -t",
      );
    }
    if (Deno.env.get("TERM") === "dumb") {
      throw new UsageError(
        "Cannot draw the picture: this terminal shows only text (TERM=dumb). Use another one",
      );
    }
  }

  /** Takes over the terminal. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options);
    await terminal.#put(ENTER);
    return terminal;
  }

  /** Its size in cells, at least one in each direction. */
  get size(): { columns: number; rows: number } {
    const { columns, rows } = Deno.consoleSize();
    return { // a terminal that does not know its size reports 0
      columns: Math.min(columns || 80, MAX_SIZE.columns),
      rows: Math.min(rows || 24, MAX_SIZE.rows),
    };
  }

  /**
   * Draws; resolves when the terminal has answered that it is done, or when the text is written
   * if the terminal does not answer. See {@linkcode TerminalAnswers}.
   *
   * @throws what Deno throws, if the terminal was closed
   */
  async draw(text: string): Promise<void> {
    if (this.#isAway) return;
    const isAsked = this.#hasKeys && this.#answers.areExpected;
    if (isAsked) this.#answers.ask();
    const before = this.#before;
    this.#before = "";
    await this.#put(`${before}${BEGIN_UPDATE}${text}${END_UPDATE}${isAsked ? ASK : ""}`);
    if (isAsked) await this.#answers.all({ signal: this.#signal });
  }

  /** Restores the terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizing);
    this.#closing.abort();
    await this.#settle();
    this.#leave();
    for (const cleanup of this.#cleanups) cleanup();
  }

  /** Whether output is blocked, as after Ctrl-S. Restoring the terminal would block too. */
  get #isStuck(): boolean {
    const since = this.#writingSince;
    return since !== undefined && performance.now() - since >= STUCK_MS;
  }

  /** Waits for answers on their way, which the shell would get otherwise. */
  async #settle(): Promise<void> {
    await this.#writing.catch(() => {});
    if (this.#answers.haveCome && !this.#isStuck) {
      await this.#answers.all({ patienceMs: LAST_ANSWER_MS });
    }
  }

  async #put(text: string): Promise<void> {
    if (this.#isLeft) return;
    this.#writingSince = performance.now();
    this.#writing = writeOut(UTF8.encode(text), this.#signal).then((isTaken) => {
      if (isTaken) this.#writingSince = undefined;
    });
    await this.#writing;
  }

  /**
   * Does what the terminal would do itself outside raw mode. Deno cannot delay the stop by SIGTSTP
   * until the terminal is restored. A program that listens to that signal can stop itself only by
   * SIGSTOP, and nothing would continue it where there is no shell.
   */
  #press(key: string): void {
    const signal = Deno.build.os === "windows" ? undefined : SIGNAL_KEYS[key];
    if (signal === undefined) this.#options.onKey(key);
    else if (signal === "SIGTSTP") this.#suspend();
    else Deno.kill(0, signal); // this process and its children
  }

  /** Gives the terminal to the shell until it continues this process. */
  async #suspend(): Promise<void> {
    if (this.#isAway) return;
    this.#isAway = true;
    await this.#settle();
    if (this.#signal.aborted) return;
    this.#leave();
    if (this.#isLeft) Deno.kill(0, "SIGTSTP"); // does nothing where there is no shell
    setTimeout(() => {
      if (this.#isAway) this.#enter();
    }, STOP_MS);
  }

  /** Takes the terminal back after a stop, whatever caused it. */
  #enter(): void {
    if (this.#signal.aborted) return;
    try {
      if (this.#hasKeys) Deno.stdin.setRaw(true); // in the background, this waits for `fg`
    } catch {
      return; // the terminal was closed
    }
    this.#isLeft = this.#isAway = false;
    this.#answers.forget();
    this.#before = ENTER;
    this.#options.onResize(); // the size may have changed meanwhile
  }

  #leave(): void {
    if (this.#isLeft || this.#isStuck) return;
    this.#isLeft = true;
    try {
      Deno.stdout.writeSync(UTF8.encode(LEAVE)); // after the write in progress
      if (this.#hasKeys) Deno.stdin.setRaw(false);
    } catch {
      // The terminal was closed.
    }
  }

  #on(signal: Deno.Signal, act: () => void): void {
    if (Deno.build.os === "windows" && signal !== "SIGWINCH") return;
    Deno.addSignalListener(signal, act);
    this.#cleanups.push(() => Deno.removeSignalListener(signal, act));
  }
}

/** The colours of a terminal, according to the environment. */
function colorsOf(colorTerm = "", term = ""): Colors {
  return /^(truecolor|24bit)$/i.test(colorTerm) || term.includes("direct") ? "true" : 256;
}
