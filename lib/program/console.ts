/**
 * What the programs tell their user.
 *
 * @module
 */

import { printable } from "../base/text.ts";
import { CamcatError, UsageError } from "../base/errors.ts";
import { stderr, stdout } from "./stdio.ts";

/** How often a log line with figures is written where there is no terminal. */
const LOG_INTERVAL_MS = 10_000;

/** The latest lines kept while the terminal is lent. */
const MAX_HELD = 100;

/** Figures, once a second, in a form for people and one for machines. */
export interface Status {
  /** For the status line. */
  text: string;
  /** For `--json`. */
  json: Record<string, unknown>;
}

/** Puts several statuses of one thing together. */
export function joinStatus(...all: (Status | undefined)[]): Status {
  const parts = all.filter((part) => part !== undefined);
  return {
    text: parts.map(({ text }) => text).filter((text) => text !== "").join("  "),
    json: Object.assign({}, ...parts.map(({ json }) => json)),
  };
}

/** How to tell things; the options of the same names. */
export interface ConsoleOptions {
  /** One JSON object a line on standard output, nothing for people. */
  json: boolean;
  /** Only errors. */
  quiet: boolean;
  /** Also what other programs say. */
  verbose: boolean;
}

/**
 * Tells people on standard error, machines on standard output. On a terminal the
 * last line is a status that is drawn over and over.
 */
export class Console implements Disposable {
  /** Whether people read this as it is told, and nobody keeps it. */
  readonly isTerminal: boolean = Deno.stderr.isTerminal();

  #options: ConsoleOptions;
  #hasColor = this.isTerminal && !Deno.env.get("NO_COLOR");
  #status = "";
  /** The last warning, until anything else is said. */
  #warned = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loggedAt = performance.now();
  /** Shows the status while the terminal is lent. */
  #showElsewhere: ((status: string) => void) | undefined;
  /** What was said meanwhile. */
  #held: string[] = [];

  /** Begins to tell. */
  constructor(options: ConsoleOptions) {
    this.#options = options;
  }

  /**
   * Says that something happened.
   *
   * @param event its name for machines, and what belongs to it
   * @param text one line for people; without it only machines are told
   */
  event(
    event: Record<string, unknown> & { event: string },
    text?: string,
  ): void {
    if (this.#options.json) this.#json(event);
    else if (text !== undefined && !this.#options.quiet) this.#line(text);
    if (text !== undefined) this.#warned = "";
  }

  /** Shows a drawing of ours as it is, colours and all; only where people see it. */
  draw(drawing: string): void {
    if (this.isTerminal && !this.#options.json && !this.#options.quiet) stderr.write(drawing);
  }

  /** Says what failed while work goes on; once, though it fails again and again. */
  warn(event: Record<string, unknown> & { event: string }, text: string): void {
    if (this.#options.json) this.#json(event);
    else if (text !== this.#warned) this.#line(text, "33");
    this.#warned = text;
  }

  /** Says what another program said, if the user wants to know. */
  detail(line: string): void {
    if (this.#options.verbose) this.#line(line, "2");
  }

  /** Says what ended the program. @returns the exit status */
  fail(error: unknown): number {
    if (!(error instanceof CamcatError || error instanceof UsageError)) {
      throw error; // a bug of ours
    }
    if (this.#options.json) {
      this.#json({ event: "error", message: error.message });
    } else this.#line(`error: ${error.message}`, "31");
    if (error instanceof UsageError) return 2;
    if (this.#options.verbose && error.details) this.#line(error.details);
    return 1;
  }

  /** Shows what `status()` tells once a second, all on one line. */
  showStatus(status: () => Status[]): void {
    this.#timer = setInterval(() => {
      if (this.#options.json) {
        for (const { json } of status()) this.#json({ event: "stats", ...json });
      } else if (this.#options.quiet) {
        // nothing to show
      } else if (this.#showElsewhere) {
        this.#showElsewhere(printable(textOf(status())));
      } else if (this.isTerminal) {
        this.#status = firstOf(printable(textOf(status())), columns());
        stderr.write(`\r\x1b[2K${this.#status}`);
      } else if (performance.now() - this.#loggedAt >= LOG_INTERVAL_MS) {
        this.#loggedAt = performance.now();
        this.#line(textOf(status()));
      }
    }, 1000);
  }

  /**
   * Leaves the terminal to one who draws on it, and gives the status to `show`. What is
   * said meanwhile is said when the terminal is given back, by disposing.
   */
  async lendTerminal(show: (status: string) => void): Promise<Disposable> {
    if (this.#status !== "") stderr.write("\r\x1b[2K");
    this.#status = "";
    this.#showElsewhere = show;
    await stderr.flush();
    return {
      [Symbol.dispose]: () => {
        this.#showElsewhere = undefined;
        for (const lines of this.#held.splice(0)) stderr.write(`${lines}\n`);
      },
    };
  }

  /** Ends the status line. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#status !== "") stderr.write("\n");
    this.#status = "";
  }

  #line(text: string, color?: string): void {
    const lines = text.split("\n").map(printable).map((line) =>
      color !== undefined && this.#hasColor ? `\x1b[${color}m${line}\x1b[m` : line
    ).join("\n");
    if (this.#showElsewhere && this.isTerminal) {
      this.#held.push(lines);
      if (this.#held.length > MAX_HELD) this.#held.shift();
      return;
    }
    stderr.write(
      this.#status === "" ? `${lines}\n` : `\r\x1b[2K${lines}\n${this.#status}`,
    );
  }

  #json(object: Record<string, unknown>): void {
    stdout.write(JSON.stringify(object) + "\n");
  }
}

function textOf(status: Status[]): string {
  return status.map(({ text }) => text).join("  |  ");
}

/** As much of a text as goes into one line: of two only the second could be drawn over. */
function firstOf(text: string, columns: number): string {
  return [...text].slice(0, columns).join("");
}

/** How wide the terminal is. */
function columns(): number {
  try {
    return Deno.consoleSize().columns || 80; // 0 is what one says that does not know
  } catch {
    return 80;
  }
}
