/**
 * Runs the compiled programs as a user would, and listens to their `--json`.
 *
 * @module
 */

import { Key } from "../../lib/security/key.ts";
import { withPatience } from "./patience.ts";
import { skipped } from "./skipped.ts";

/** Where the compiled programs are. */
export const DIST = new URL("../../dist/", import.meta.url).pathname;
/** The compiled sender. */
export const SENDER = `${DIST}sender`;
/** The compiled receiver. */
export const RECEIVER = `${DIST}receiver`;
/** The compiled call. */
export const CALL = `${DIST}call`;

/** A line of `--json`. */
export interface Event {
  event: string;
  // deno-lint-ignore no-explicit-any -- each event has fields of its own
  [field: string]: any;
}

/** The key that senders and receivers in tests have, unless they are given another one. */
export const TEST_KEY = Key.random();

/** The environment of programs in tests: they leave the user's keys alone and keep none. */
export const TEST_ENV = { CAMCAT_KEY: TEST_KEY.text, XDG_CONFIG_HOME: "/dev/null" };

/** A running program; disposing of it ends it. */
export class Program implements AsyncDisposable {
  /** Everything said so far. */
  readonly events: Event[] = [];
  /** What it wrote to its standard error. */
  stderr = "";
  #process: Deno.ChildProcess;
  #read: Promise<unknown>;
  #changed = Promise.withResolvers<void>();
  #ended = false;

  constructor(command: string, args: string[], options: Partial<Deno.CommandOptions> = {}) {
    this.#process = new Deno.Command(command, {
      args,
      stdin: "null",
      ...options,
      env: { ...TEST_ENV, ...options.env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#read = Promise.all([
      this.#lines(this.#process.stdout, (line) => this.events.push(JSON.parse(line))),
      this.#lines(this.#process.stderr, (line) => this.stderr += line + "\n"),
    ]).finally(() => {
      this.#ended = true;
      this.#change();
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** To write to, if it was started with `stdin: "piped"`. */
  get stdin(): WritableStream<Uint8Array> {
    return this.#process.stdin;
  }

  /** The first event, from number `from` on, for which `matches` is true. */
  async event(matches: (event: Event) => boolean, from = 0): Promise<Event> {
    return await withPatience(async () => {
      for (let at = from;;) {
        while (at < this.events.length) {
          if (matches(this.events[at++])) return this.events[at - 1];
        }
        if (this.#ended) throw new Error(`It ended before ${matches}\n${this.stderr}`);
        await this.#changed.promise;
      }
    }, () => `${matches} of ${JSON.stringify(this.events.slice(-5))}\n${this.stderr}`);
  }

  /** The port from its first event. */
  async port(): Promise<number> {
    return (await this.event(({ event }) => event === "listening")).port;
  }

  /** Resolves with the exit status. */
  async status(): Promise<Deno.CommandStatus> {
    const status = await withPatience(() => this.#process.status, () => `the end of ${this.pid}`);
    await this.#read;
    return status;
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Asks it to end, as Ctrl-C does. @returns its exit code */
  async stop(): Promise<number> {
    if (!this.#ended) this.#process.kill("SIGINT");
    return (await this.status()).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#process.status;
    await this.#read;
  }

  /** Wakes all who wait. */
  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #lines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      lines.forEach(take);
      this.#change();
    }
    // A rest without its line end is what a killed program did not finish.
  }
}

const obstacle = whyNot();
if (obstacle !== undefined) skipped(`the compiled programs are not tested: ${obstacle}`);

function whyNot(): string | undefined {
  if (Deno.build.os !== "linux") return "their tests need Linux, for ps, /proc and Xvfb";
  for (const program of [SENDER, RECEIVER, CALL]) {
    try {
      Deno.statSync(program);
    } catch {
      return `${program} is not there; \`./denow task compile\` makes it`;
    }
  }
  return undefined;
}

/** A test of the compiled programs, unless something more that it needs is missing. */
export function programTest(name: string, fn: () => Promise<void>, ignore = false): void {
  Deno.test({ name, ignore: ignore || obstacle !== undefined, fn });
}

/** Starts the compiled sender, with `--json`, at a free port of this machine only. */
export function startSender(args: string[], options?: Partial<Deno.CommandOptions>): Program {
  const listen = args.some((arg) => /^--(listen|push)/.test(arg)) ? [] : ["--listen=127.0.0.1:0"];
  return new Program(SENDER, ["--json", ...listen, ...args], options);
}

/** Starts the compiled call, with `--json`; without an ADDRESS at a free port of this machine only. */
export function startCall(args: string[], options?: Partial<Deno.CommandOptions>): Program {
  const waits = args.every((arg) => arg.startsWith("-"));
  const listen = waits && !args.some((arg) => /^--listen/.test(arg))
    ? ["--auto-answer", "--listen=127.0.0.1:0"]
    : [];
  return new Program(CALL, ["--json", ...listen, ...args], options);
}

/** Starts the compiled receiver, with `--json`. */
export function startReceiver(args: string[], options?: Partial<Deno.CommandOptions>): Program {
  return new Program(RECEIVER, ["--json", ...args], options);
}
