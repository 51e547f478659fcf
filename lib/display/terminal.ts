/**
 * The terminal, as something to draw on.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { Colors } from "./half_blocks.ts";
import { writeOut } from "../program/stdio.ts";
import { ASK, readTerminalInput } from "./terminal_input.ts";

/** Another screen than that of the shell, empty; no cursor, no new line at the right edge (xterm). */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
/**
 * All of that undone, even in the middle of something: CAN ends what was begun (ECMA-48). Nothing
 * is left of the picture where there is one screen only, as Linux's console has.
 */
const LEAVE = "\x18\x1b[?2026l\x1b[m\x1b[?7h\x1b[?25h\x1b[2J\x1b[H\x1b[?1049l";
/** What is between the two is shown at once, by terminals that can. */
const [BEGIN_UPDATE, END_UPDATE] = ["\x1b[?2026h", "\x1b[?2026l"];

/** How long to wait for a terminal that has not answered yet: it may be one that never does. */
const FIRST_ANSWER_MS = 2000;
/** How long to wait for one that has: much may be on its way, but answers can get lost. */
const ANSWER_MS = 10_000;
/** How long the end waits for the last answer, which else would go to the shell. */
const LAST_ANSWER_MS = 500;
/** A terminal that has not taken a drawing by then is stopped, or the network is. */
const STUCK_MS = 400;
/** What follows an Esc within that time belongs to it: other keys begin with the same byte. */
const ESCAPE_MS = 100;
/** A window that is dragged has many sizes one after another. */
const RESIZE_MS = 100;
/** By then, who is to be stopped is stopped, or there is no shell to go back to. */
const STOP_MS = 100;

/** Keys that mean signals to all that runs in the terminal (termios: VINTR, VQUIT, VSUSP). */
const SIGNAL_KEYS: Record<string, Deno.Signal> = {
  "\x03": "SIGINT",
  "\x1c": "SIGQUIT",
  "\x1a": "SIGTSTP",
};

/** More than that is not drawn on, however large the terminal says it is. */
const MAX_SIZE = { columns: 640, rows: 200 };

const UTF8 = new TextEncoder();

/** Options of {@linkcode Terminal}. */
export interface TerminalOptions {
  /** Called with every key that is one character. */
  onKey: (key: string) => void;
  /** Called when the size may have changed, and nothing is there any more. */
  onResize: () => void;
  /** Ends what waits for the terminal. */
  signal: AbortSignal;
}

/** The whole terminal of standard output, until it is disposed of. */
export class Terminal implements AsyncDisposable {
  /** What it can show, as far as the environment tells. */
  readonly colors: Colors = colorsOf(Deno.env.get("COLORTERM"), Deno.env.get("TERM"));

  #options: TerminalOptions;
  #closing = new AbortController();
  #signal: AbortSignal;
  #writing: Promise<void> = Promise.resolve();
  /** When the write under way began; undefined if there is none. */
  #writingSince: number | undefined;
  #hasKeys = Deno.stdin.isTerminal();
  #isLeft = false;
  #answers: "unknown" | "come" | "never" = "unknown";
  #asked = 0;
  #answered = 0;
  #waiting: (() => void)[] = [];
  /** Whether it goes, or has gone, back to the shell for a while. */
  #isAway = false;
  /** What comes before the next drawing. */
  #before = "";
  #resizing: ReturnType<typeof setTimeout> | undefined;
  #forget: (() => void)[] = [];

  private constructor(options: TerminalOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#closing.signal]);
    // However this program ends, short of being killed itself, the shell gets its terminal.
    for (const type of ["unload", "error", "unhandledrejection"]) {
      const leave = () => this.#leave();
      globalThis.addEventListener(type, leave);
      this.#forget.push(() => globalThis.removeEventListener(type, leave));
    }
    if (this.#hasKeys) {
      Deno.stdin.setRaw(true);
      this.#listen();
    }
    this.#on("SIGWINCH", () => {
      clearTimeout(this.#resizing);
      this.#resizing = setTimeout(options.onResize, RESIZE_MS);
    });
    this.#on("SIGCONT", () => this.#enter());
    // Ended right here, it would leave the terminal to the shell as it is.
    this.#on("SIGQUIT", () => options.onKey("q"));
  }

  /**
   * Finds out whether there is a terminal, before there is something to draw.
   *
   * @throws {UsageError} if there is none, or one that shows text only
   */
  static check(): void {
    if (!Deno.stdout.isTerminal()) {
      throw new UsageError(
        "Cannot draw the picture: standard output is no terminal. With ssh, use ssh -t",
      );
    }
    if (Deno.env.get("TERM") === "dumb") {
      throw new UsageError(
        "Cannot draw the picture: this terminal shows nothing but text (TERM=dumb). Use another one",
      );
    }
  }

  /** Takes the terminal. */
  static async open(options: TerminalOptions): Promise<Terminal> {
    const terminal = new Terminal(options);
    await terminal.#put(ENTER);
    return terminal;
  }

  /** In cells, at least one each way. */
  get size(): { columns: number; rows: number } {
    const { columns, rows } = Deno.consoleSize();
    return { // 0 is what a terminal says that does not know
      columns: Math.min(columns || 80, MAX_SIZE.columns),
      rows: Math.min(rows || 24, MAX_SIZE.rows),
    };
  }

  /**
   * Draws; resolves when that is done, or else is on its way, where the terminal does
   * not tell. The answers keep what is under way, through SSH for one, from getting old.
   *
   * @throws what the system says, if there is no terminal any more
   */
  async draw(text: string): Promise<void> {
    if (this.#isAway) return;
    const isAsked = this.#hasKeys && this.#answers !== "never";
    if (isAsked) this.#asked++;
    const before = this.#before;
    this.#before = "";
    await this.#put(`${before}${BEGIN_UPDATE}${text}${END_UPDATE}${isAsked ? ASK : ""}`);
    if (isAsked && !this.#signal.aborted) {
      await this.#answer(this.#answers === "come" ? ANSWER_MS : FIRST_ANSWER_MS);
    }
  }

  /** Gives the terminal back. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resizing);
    this.#closing.abort();
    await this.#settle();
    this.#leave();
    for (const forget of this.#forget) forget();
  }

  /** Whether it takes nothing, as after Ctrl-S. Whatever is done to it then waits, too. */
  get #isStuck(): boolean {
    const since = this.#writingSince;
    return since !== undefined && performance.now() - since >= STUCK_MS;
  }

  /** Waits for what is on its way, which the shell would get else. */
  async #settle(): Promise<void> {
    await this.#writing.catch(() => {});
    if (this.#answers === "come" && !this.#isStuck) await this.#answer(LAST_ANSWER_MS);
  }

  async #put(text: string): Promise<void> {
    if (this.#isLeft) return;
    this.#writingSince = performance.now();
    this.#writing = writeOut(UTF8.encode(text), this.#signal).then((isTaken) => {
      if (isTaken) this.#writingSince = undefined;
    });
    await this.#writing;
  }

  /** Resolves when all that was asked for is answered, or it took too long. */
  async #answer(patienceMs: number): Promise<void> {
    if (this.#answered >= this.#asked) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(() => {
        if (this.#answers === "unknown") this.#answers = "never";
        this.#asked = this.#answered; // it may have got lost
        done();
      }, patienceMs);
      this.#signal.addEventListener("abort", done);
      this.#waiting.push(done);
    });
  }

  /**
   * Does what the terminal would do itself. It is not left to it, because Deno cannot put the stop
   * by a SIGTSTP off until the terminal is given back: a program that listens to that signal can
   * only stop itself by SIGSTOP, for ever where no shell is there to continue it.
   */
  #press(key: string): void {
    const signal = Deno.build.os === "windows" ? undefined : SIGNAL_KEYS[key];
    if (signal === undefined) this.#options.onKey(key);
    else if (signal === "SIGTSTP") this.#suspend();
    else Deno.kill(0, signal); // this and what it has started
  }

  /** Gives the terminal to the shell until that lets us go on. */
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

  /** Takes the terminal back after a stop, whoever stopped us. */
  #enter(): void {
    if (this.#signal.aborted) return;
    try {
      if (this.#hasKeys) Deno.stdin.setRaw(true); // in the background, this waits for `fg`
    } catch {
      return; // there is no terminal any more
    }
    this.#isLeft = this.#isAway = false;
    this.#asked = this.#answered;
    this.#before = ENTER;
    this.#options.onResize(); // and the size may be another one
  }

  #leave(): void {
    if (this.#isLeft || this.#isStuck) return;
    this.#isLeft = true;
    try {
      Deno.stdout.writeSync(UTF8.encode(LEAVE)); // after what is under way
      if (this.#hasKeys) Deno.stdin.setRaw(false);
    } catch {
      // There is no terminal any more.
    }
  }

  async #listen(): Promise<void> {
    const bytes = new Uint8Array(1024);
    const { onKey } = this.#options;
    let rest = "";
    let escape: ReturnType<typeof setTimeout> | undefined;
    try {
      for (let count; (count = await Deno.stdin.read(bytes)) !== null;) {
        clearTimeout(escape);
        const text = rest + String.fromCharCode(...bytes.subarray(0, count));
        const input = readTerminalInput(text);
        rest = input.rest;
        if (rest === "\x1b") {
          escape = setTimeout(() => {
            rest = "";
            onKey("\x1b");
          }, ESCAPE_MS);
        }
        for (const key of input.keys) this.#press(key);
        if (input.answers > 0) this.#answers = "come";
        this.#answered = Math.min(this.#answered + input.answers, this.#asked);
        if (this.#answered >= this.#asked) this.#waiting.splice(0).forEach((done) => done());
      }
    } catch {
      // There is no terminal any more.
    }
  }

  #on(signal: Deno.Signal, act: () => void): void {
    if (Deno.build.os === "windows" && signal !== "SIGWINCH") return;
    Deno.addSignalListener(signal, act);
    this.#forget.push(() => Deno.removeSignalListener(signal, act));
  }
}

/** What colours a terminal has, from what the environment says of it. */
function colorsOf(colorTerm = "", term = ""): Colors {
  return /^(truecolor|24bit)$/i.test(colorTerm) || term.includes("direct") ? "true" : 256;
}
