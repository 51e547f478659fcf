/**
 * Programs in terminals of their own.
 *
 * @module
 */

import { Emulator } from "./emulator.ts";
import { until, withPatience } from "./patience.ts";
import { TEST_ENV } from "./programs.ts";

/** Options of {@linkcode Pty}. */
export interface PtyOptions {
  columns: number;
  rows: number;
  /** Whether the terminal answers, as nearly all do. @default {true} */
  answers?: boolean;
  /** Whether there is another screen than that of the shell. @default {true} */
  hasOtherScreen?: boolean;
  env?: Record<string, string>;
}

/** How a terminal was left. */
export interface Left {
  /** The exit status of the program; negative for a signal. */
  status: number;
  /** Whether what is typed is to be seen. */
  echo: boolean;
  /** Whether it comes in lines. */
  canonical: boolean;
}

/** A program in a terminal; disposing of it ends it. */
export class Pty implements AsyncDisposable {
  /** What is to be seen. */
  readonly screen: Emulator;
  #process: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #done: Promise<unknown>;
  #reports: Record<string, unknown>[] = [];

  constructor(program: string, args: string[], options: PtyOptions) {
    const { columns, rows, answers = true, env } = options;
    this.screen = new Emulator(columns, rows, options.hasOtherScreen);
    const helper = new URL("pty.py", import.meta.url).pathname;
    this.#process = new Deno.Command("python3", {
      args: [helper, `${columns}`, `${rows}`, answers ? "1" : "0", program, ...args],
      env: {
        ...TEST_ENV,
        ...{ TERM: "xterm-256color", COLORTERM: "truecolor" },
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    let rest = "";
    this.#done = Promise.all([
      this.#texts(this.#process.stdout, (text) => this.screen.write(text)),
      this.#texts(this.#process.stderr, (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        this.#reports.push(...lines.map((line) => JSON.parse(line)));
      }),
    ]);
  }

  /** The process of the program. */
  async pid(): Promise<number> {
    await until(() => this.#reports.length > 0, "the start of the program");
    return this.#reports[0].pid as number;
  }

  /** Resolves when the screen is as it should be. */
  async shows(condition: (screen: Emulator) => boolean, what: string): Promise<void> {
    try {
      await until(() => condition(this.screen), what);
    } catch (error) {
      const { rows } = this.screen;
      const text = Array.from({ length: rows }, (_, row) => this.screen.row(row)).join("\n");
      throw new Error(`${(error as Error).message}\n${text}`);
    }
  }

  /** Types on the keyboard. */
  async type(text: string): Promise<void> {
    await this.#command({ type: text });
  }

  /** Changes the size of the terminal; 0 is what one says that does not know. */
  async resize(columns: number, rows: number): Promise<void> {
    this.screen.resize(columns || 80, rows || 24);
    await this.#command({ size: [columns, rows] });
  }

  /** Lets the terminal take nothing any more, as after Ctrl-S. */
  async stall(): Promise<void> {
    await this.#command({ stall: true });
  }

  /** Lets the terminal answer nothing any more, as if what it gets were long on its way. */
  async mute(): Promise<void> {
    await this.#command({ mute: true });
  }

  /** Waits for the end of the program. @returns how it left the terminal */
  async left(): Promise<Left> {
    await withPatience(() => this.#done, () => "the end of the program");
    return this.#reports.at(-1) as unknown as Left;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      const pid = await this.pid();
      // The second report is that it has ended, and its number may be another's by now.
      if (this.#reports.length < 2) Deno.kill(pid, "SIGKILL");
    } catch {
      // it has ended just now
    }
    await this.#done;
    await this.#writer.close().catch(() => {});
    await this.#process.status;
  }

  async #command(command: Record<string, unknown>): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(JSON.stringify(command) + "\n"));
  }

  async #texts(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
  }
}
