/**
 * Child processes: started without a shell, ended with this program.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { CamcatError } from "../base/errors.ts";
import { whyNotStarted } from "./find_program.ts";
import { guard, unguard } from "./guard.ts";
import { startProcess } from "./start_process.ts";

/** How long a child may take to exit after SIGTERM, before it gets SIGKILL. */
const TERM_MS = 500;
/** The time limit of {@linkcode runToEnd}: a program that opens a hung camera hangs, too. */
const ANSWER_MS = 10_000;
/** Lines kept of a child's output. */
const TAIL_LINES = 30;

const running = new Set<Deno.ChildProcess>();

// However this program exits, no child stays. The guard ends those that are left after SIGKILL or an
// uncaught error.
globalThis.addEventListener("unload", () => {
  for (const process of running) killNow(process);
});

/** Options of {@linkcode Child.spawn}. */
export interface ChildOptions {
  /** @default {"null"} */
  stdin?: "piped" | "inherit" | "null";
  /** "lines" reads it line by line, together with the standard error. @default {"null"} */
  stdout?: "piped" | "null" | "lines";
  /** Variables added to the environment. */
  env?: Record<string, string>;
  /** Called with every line of its standard error, and of its standard output if that is "lines". */
  onLine?: (line: string) => void;
  /** Whether a line is only a progress report: it is not kept, and not passed to `onLine`. */
  isNoise?: (line: string) => boolean;
}

/** A running program. */
export class Child implements AsyncDisposable {
  /** Its exit status. Never rejects; by then {@linkcode Child.tail} is complete. */
  readonly status: Promise<Deno.CommandStatus>;
  /** The last lines of its output. */
  readonly tail: string[] = [];
  /** The process itself, for its pipes. */
  readonly process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, options: ChildOptions) {
    this.process = process;
    running.add(process);
    guard(process.pid);
    const read = Promise.all([
      this.#readLines(process.stderr, options),
      options.stdout === "lines" ? this.#readLines(process.stdout, options) : undefined,
    ]).catch(() => {}); // what cannot be read is lost
    this.status = process.status.then(async (status) => {
      running.delete(process);
      unguard(process.pid);
      await read;
      return status;
    });
  }

  /**
   * Starts `program`, which is looked up in PATH.
   *
   * @throws {CamcatError} if it is not installed or cannot be started
   */
  static spawn(
    program: string,
    args: string[],
    options: ChildOptions = {},
  ): Child {
    try {
      const process = startProcess(program, {
        args,
        stdin: options.stdin ?? "null",
        stdout: options.stdout === "lines" ? "piped" : options.stdout ?? "null",
        stderr: "piped",
        ...defined({ env: options.env }),
      });
      return new Child(process, options);
    } catch (cause) {
      throw new CamcatError(`Cannot start ${program}: ${whyNotStarted(program, cause)}`, { cause });
    }
  }

  /** Sends SIGTERM, and SIGKILL if that does not end it. Resolves when it has exited. */
  async kill(): Promise<void> {
    if (!running.has(this.process)) return;
    try {
      this.process.kill("SIGTERM");
    } catch {
      return; // it has just exited
    }
    // An ffmpeg whose camera hangs ignores SIGTERM.
    const timer = setTimeout(() => killNow(this.process), TERM_MS);
    await this.process.status;
    clearTimeout(timer);
  }

  /** The same as {@linkcode Child.kill}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #readLines(stream: ReadableStream<Uint8Array>, options: ChildOptions): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop()!.slice(-4096);
      for (const line of lines) this.#keep(line, options);
    }
    if (rest !== "") this.#keep(rest, options);
  }

  #keep(line: string, { onLine, isNoise }: ChildOptions): void {
    if (isNoise?.(line)) return;
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
    onLine?.(line);
  }
}

/** The output of a program that has exited. */
export interface RunResult {
  /** Whether its exit status was 0. */
  success: boolean;
  /** Its standard output. */
  text: string;
  /** The lines of its standard error. */
  lines: string[];
}

/**
 * Runs a program until it exits, for at most ten seconds.
 *
 * @throws {CamcatError} if it is not installed or cannot be started
 */
export async function runToEnd(program: string, args: string[]): Promise<RunResult> {
  const lines: string[] = [];
  await using child = Child.spawn(program, args, {
    stdout: "piped",
    onLine: (line) => lines.push(line),
  });
  const timer = setTimeout(() => child.kill(), ANSWER_MS);
  try {
    const text = await new Response(child.process.stdout).text();
    const { success } = await child.status;
    return { success, text, lines };
  } finally {
    clearTimeout(timer);
  }
}

/** The same as {@linkcode runToEnd}; undefined if the program is not installed. */
export async function runToEndIfInstalled(
  program: string,
  args: string[],
): Promise<RunResult | undefined> {
  try {
    return await runToEnd(program, args);
  } catch (error) {
    if (error instanceof CamcatError && error.cause instanceof Deno.errors.NotFound) {
      return undefined;
    }
    throw error;
  }
}

function killNow(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // it has exited
  }
}
