/**
 * Child processes: started without a shell, never left behind.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";

/** How long a child may take to end when asked, before it is killed. */
const TERM_MS = 500;
/** How long an answer may take: a camera that hangs makes whoever opens it hang, too. */
const ANSWER_MS = 10_000;
/** Lines kept of what a child said. */
const TAIL_LINES = 30;

const running = new Set<Deno.ChildProcess>();

// However this program ends, short of being killed itself, no child stays.
globalThis.addEventListener("unload", () => {
  for (const process of running) killNow(process);
});

/** Options of {@linkcode Child.spawn}. */
export interface ChildOptions {
  /** @default {"null"} */
  stdin?: "piped" | "inherit" | "null";
  /** As lines it is taken together with the standard error. @default {"null"} */
  stdout?: "piped" | "null" | "lines";
  /** Added to the environment. */
  env?: Record<string, string>;
  /** Called with every line the child writes to its standard error, or output if it is lines. */
  onLine?: (line: string) => void;
  /** Tells whether a line is only a report in passing: it is not kept, nor given to `onLine`. */
  isNoise?: (line: string) => boolean;
}

/** A running program. */
export class Child implements AsyncDisposable {
  /** How it ended. Never rejects; all it had to say is in {@linkcode Child.tail} by then. */
  readonly status: Promise<Deno.CommandStatus>;
  /** The last lines it wrote to its standard error. */
  readonly tail: string[] = [];
  /** The process itself, for its pipes. */
  readonly process: Deno.ChildProcess;

  private constructor(process: Deno.ChildProcess, options: ChildOptions) {
    this.process = process;
    running.add(process);
    const heard = Promise.all([
      this.#listen(process.stderr, options),
      options.stdout === "lines" ? this.#listen(process.stdout, options) : undefined,
    ]);
    this.status = process.status.then(async (status) => {
      running.delete(process);
      await heard;
      return status;
    });
  }

  /**
   * Starts `program`, found through PATH.
   *
   * @throws {CamcatError} if it is not installed or cannot be started
   */
  static spawn(
    program: string,
    args: string[],
    options: ChildOptions = {},
  ): Child {
    try {
      const process = new Deno.Command(program, {
        args,
        stdin: options.stdin ?? "null",
        stdout: options.stdout === "lines" ? "piped" : options.stdout ?? "null",
        stderr: "piped",
        ...(options.env === undefined ? {} : { env: options.env }),
      }).spawn();
      return new Child(process, options);
    } catch (cause) {
      throw new CamcatError(`Cannot start ${program}: ${whyNotStarted(program, cause)}`, { cause });
    }
  }

  /** Ends it: asks, and kills it if it does not listen. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (!running.has(this.process)) return;
    try {
      this.process.kill("SIGTERM");
    } catch {
      return; // it ended just now
    }
    // A capture whose camera hangs does not listen.
    const timer = setTimeout(() => killNow(this.process), TERM_MS);
    await this.process.status;
    clearTimeout(timer);
  }

  /** Ends it, as {@linkcode Child.kill} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #listen(stream: ReadableStream<Uint8Array>, options: ChildOptions): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split(/[\r\n]+/);
      rest = lines.pop()!.slice(-4096);
      for (const line of lines) this.#note(line, options);
    }
    if (rest !== "") this.#note(rest, options);
  }

  #note(line: string, { onLine, isNoise }: ChildOptions): void {
    if (isNoise?.(line)) return;
    this.tail.push(line);
    if (this.tail.length > TAIL_LINES) this.tail.shift();
    onLine?.(line);
  }
}

/** What a program answered. */
export interface RunResult {
  /** Whether it ended with status 0. */
  success: boolean;
  /** What it wrote to its standard output. */
  text: string;
  /** The lines it wrote to its standard error. */
  lines: string[];
}

/**
 * Runs a program to its end, ten seconds at most.
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

/** The answer of a program; undefined if it is not installed. */
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
    // it has ended
  }
}

function whyNotStarted(program: string, cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) {
    const how = HOW_TO_INSTALL[program];
    return "it is not installed" + (how === undefined ? "" : `. ${how}`);
  }
  const reason = wordsOf(cause).replace(/^Failed to spawn .*?': /s, "");
  return /exec format/i.test(reason)
    ? `${reason}. A script begins with a line as #!/bin/sh`
    : reason;
}

const FFMPEG_PACKAGE = "Install it with your package manager: apt install ffmpeg, " +
  "dnf install ffmpeg, brew install ffmpeg, winget install ffmpeg";

const HOW_TO_INSTALL: Record<string, string> = {
  ffmpeg: FFMPEG_PACKAGE,
  ffprobe: FFMPEG_PACKAGE,
  ffplay: FFMPEG_PACKAGE,
  "v4l2-ctl": "Install the package v4l-utils: apt install v4l-utils, dnf install v4l-utils",
  mpv: "Install it with your package manager, or leave out --player mpv to use ffplay",
};
