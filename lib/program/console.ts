/**
 * What the programs print for their users.
 *
 * @module
 */

import { withoutSecrets } from "../base/secrets.ts";
import { safeText } from "../base/text.ts";
import { CamcatError, UsageError } from "../base/errors.ts";
import { stderr, stdout, type TextWriter } from "./stdio.ts";

/** How often a line with figures is logged without a terminal. */
const LOG_INTERVAL_MS = 10_000;

/** The most lines kept while the terminal is lent; the oldest are dropped. */
const MAX_HELD = 100;

/** The figures of one second, for people and for machines. */
export interface Status {
  /** For the status line. */
  text: string;
  /** For `--json`. */
  json: Record<string, unknown>;
}

/** Joins several statuses into one. */
export function joinStatus(...all: (Status | undefined)[]): Status {
  const parts = all.filter((part) => part !== undefined);
  return {
    text: parts.map(({ text }) => text).filter((text) => text !== "").join("  "),
    json: Object.assign({}, ...parts.map(({ json }) => json)),
  };
}

/** The options of the same names. */
export interface ConsoleOptions {
  /** Print one JSON object per line on standard output, and nothing for people. */
  json: boolean;
  /** Print warnings and errors only. */
  quiet: boolean;
  /** Also print the output of other programs. */
  verbose: boolean;
}

/** Where a {@linkcode Console} prints. */
export interface ConsoleStreams {
  /** For machines. */
  stdout: Pick<TextWriter, "write">;
  /** For people. */
  stderr: Pick<TextWriter, "write" | "flush">;
  /** Whether `stderr` is a terminal: people read it now, and no log keeps it. */
  isTerminal: boolean;
}

/** The streams of this process. */
const PROCESS: ConsoleStreams = { stdout, stderr, isTerminal: Deno.stderr.isTerminal() };

/**
 * Prints for people on standard error, or for machines on standard output. On a terminal the last
 * line is a status line that is redrawn every second.
 */
export class Console implements Disposable {
  /** Whether standard error is a terminal: people read it now, and no log keeps it. */
  readonly isTerminal: boolean;

  #options: ConsoleOptions;
  #stdout: ConsoleStreams["stdout"];
  #stderr: ConsoleStreams["stderr"];
  #hasColor: boolean;
  #status = "";
  /** The last warning, until another text is printed. */
  #warned = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loggedAt = performance.now();
  /** Shows the status line while the terminal is lent. */
  #showElsewhere: ((status: string) => void) | undefined;
  /** Lines to print when the terminal is returned. */
  #held: string[] = [];

  /** Prints as `options` say. */
  constructor(options: ConsoleOptions, { stdout, stderr, isTerminal } = PROCESS) {
    this.#options = options;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.isTerminal = isTerminal;
    this.#hasColor = isTerminal && !Deno.env.get("NO_COLOR"); // https://no-color.org
  }

  /**
   * Reports that something happened.
   *
   * @param event name and fields of the event, for machines
   * @param text lines for people; without a text only machines get the event
   * @param instructions more lines, printed as they are: the caller decides whether they show a key
   */
  event(
    event: Record<string, unknown> & { event: string },
    text?: string,
    instructions: string[] = [],
  ): void {
    if (this.#options.json) this.#json(event);
    else if (text !== undefined && !this.#options.quiet) {
      this.#line(text, undefined, instructions);
    }
    if (text !== undefined) this.#warned = "";
  }

  /** Prints a drawing of ours with its control sequences, such as a QR code; on a terminal only. */
  draw(drawing: string): void {
    if (this.isTerminal && !this.#options.json && !this.#options.quiet) this.#stderr.write(drawing);
  }

  /** Reports a failure that does not end the program. People see repeated warnings once. */
  warn(event: Record<string, unknown> & { event: string }, text: string): void {
    if (this.#options.json) this.#json(event);
    else if (text !== this.#warned) this.#line(text, "33");
    this.#warned = text;
  }

  /** Prints a line of another program, with `verbose` only. */
  detail(line: string): void {
    if (this.#options.verbose) this.#line(line, "2");
  }

  /** Reports the error that ends the program. @returns the exit status */
  fail(error: unknown): number {
    if (!(error instanceof CamcatError || error instanceof UsageError)) {
      throw error; // a bug in camcat
    }
    if (this.#options.json) {
      this.#json({ event: "error", message: error.message });
    } else this.#line(`error: ${error.message}`, "31");
    if (error instanceof UsageError) return 2;
    if (this.#options.verbose && error.details) this.#line(error.details);
    return 1;
  }

  /** Shows the result of `status()` once a second, on one line, instead of the status so far. */
  showStatus(status: () => Status[]): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#options.json) {
        for (const { json } of status()) this.#json({ event: "stats", ...json });
      } else if (this.#options.quiet) {
        // no status line
      } else if (this.#showElsewhere) {
        this.#showElsewhere(safeText(textOf(status())));
      } else if (this.isTerminal) {
        this.#status = firstOf(safeText(textOf(status())), columns());
        this.#stderr.write(`\r\x1b[2K${this.#status}`);
      } else if (performance.now() - this.#loggedAt >= LOG_INTERVAL_MS) {
        this.#loggedAt = performance.now();
        this.#line(textOf(status()));
      }
    }, 1000);
  }

  /**
   * Lends the terminal to code that draws on it, and passes the status line to `show`. Lines printed
   * in the meantime appear when the terminal is returned, by disposing of the result.
   */
  async lendTerminal(show: (status: string) => void): Promise<Disposable> {
    if (this.#status !== "") this.#stderr.write("\r\x1b[2K");
    this.#status = "";
    this.#showElsewhere = show;
    await this.#stderr.flush();
    return {
      [Symbol.dispose]: () => {
        this.#showElsewhere = undefined;
        for (const lines of this.#held.splice(0)) this.#stderr.write(`${lines}\n`);
      },
    };
  }

  /** The same as {@linkcode Console.endStatus}. */
  [Symbol.dispose](): void {
    this.endStatus();
  }

  /** Stops the status line. */
  endStatus(): void {
    clearInterval(this.#timer);
    if (this.#status !== "") this.#stderr.write("\n");
    this.#status = "";
  }

  #line(text: string, color?: string, instructions: string[] = []): void {
    const lines = [...text.split("\n").map(safeText), ...instructions].map((line) =>
      color !== undefined && this.#hasColor ? `\x1b[${color}m${line}\x1b[m` : line
    ).join("\n");
    if (this.#showElsewhere && this.isTerminal) {
      this.#held.push(lines);
      if (this.#held.length > MAX_HELD) this.#held.shift();
      return;
    }
    this.#stderr.write(
      this.#status === "" ? `${lines}\n` : `\r\x1b[2K${lines}\n${this.#status}`,
    );
  }

  #json(object: Record<string, unknown>): void {
    this.#stdout.write(JSON.stringify(object, (_, value) => hidden(value)) + "\n");
  }
}

function hidden(value: unknown): unknown {
  return typeof value === "string" ? withoutSecrets(value) : value;
}

function textOf(status: Status[]): string {
  return status.map(({ text }) => text).join("  |  ");
}

/** The part of a text that fits into one line: only the last line can be redrawn. */
function firstOf(text: string, columns: number): string {
  return [...text].slice(0, columns).join("");
}

/** The width of the terminal. */
function columns(): number {
  try {
    return Deno.consoleSize().columns || 80; // some terminals report 0
  } catch {
    return 80;
  }
}
