/**
 * Programs under test and their peers. All tell what happens as JSON, one object
 * a line: `{"event": NAME, ...}`.
 *
 * @module
 */

import { Child } from "../lib/program/child.ts";
import { PYTHON } from "./packages.ts";
import { cpuMs, monotonicMs, pause } from "./system.ts";

/** What a program says. */
export type Event = { event: string } & Record<string, unknown>;

/** A running program; it ends when this is disposed of. */
export class Program implements AsyncDisposable {
  #name: string;
  #child: Child;
  #waiting: { event: string; resolve: (event: Event) => void }[] = [];
  #ended: Promise<never>;

  private constructor(name: string, child: Child) {
    this.#name = name;
    this.#child = child;
    this.#ended = this.#listen().then(async () => {
      const { code } = await child.status;
      throw new Error(
        `Cannot measure: ${name} ended with status ${code}\n${child.tail.join("\n")}`,
      );
    });
    this.#ended.catch(() => {}); // tells only those who wait
  }

  /** Starts a program. */
  static start(program: string, args: string[], env: Record<string, string> = {}): Program {
    return new Program(program, Child.spawn(program, args, { stdout: "piped", env }));
  }

  /** Starts one of the Python programs in `bench/peers`. */
  static peer(name: string, ...args: (string | number)[]): Program {
    const path = new URL(`peers/${name}.py`, import.meta.url).pathname;
    return Program.start(PYTHON, [path, ...args.map(String)]);
  }

  /** Starts a program that reads on its standard input what another one, `feed`, writes. */
  static fed(feed: string[], program: string[]): Program {
    const both = 'n=$1; shift; exec "${@:n+1}" < <(exec "${@:1:n}")';
    return Program.start("bash", ["-c", both, "bash", `${feed.length}`, ...feed, ...program]);
  }

  /** Its process number. */
  get pid(): number {
    return this.#child.process.pid;
  }

  /** The next event of that name. */
  next<T extends object>(event: string): Promise<T> {
    const heard = new Promise<Event>((resolve) => this.#waiting.push({ event, resolve }));
    return this.unlessEnded(heard as Promise<unknown> as Promise<T>);
  }

  /** Waits for `promise`, or fails when this program ends before. */
  unlessEnded<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#ended]);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
    await this.#child.status;
  }

  async #listen(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#hear(line);
    }
  }

  #hear(line: string): void {
    let event: Event;
    try {
      event = JSON.parse(line);
    } catch {
      throw new Error(`Cannot understand ${this.#name}: it must print JSON, received ${line}`);
    }
    const heard = this.#waiting.filter((waiting) => waiting.event === event.event);
    this.#waiting = this.#waiting.filter((waiting) => waiting.event !== event.event);
    for (const { resolve } of heard) resolve(event);
  }
}

/** Starts the compiled sender, open, at a free port of this machine. */
export function startSender(
  dist: string,
  ...args: string[]
): Promise<{ sender: Program; port: number }> {
  return startSenderWith({}, dist, ...args, "--open");
}

/** Starts it with variables in its environment, `CAMCAT_KEY` for one. */
export async function startSenderWith(
  env: Record<string, string>,
  dist: string,
  ...args: string[]
): Promise<{ sender: Program; port: number }> {
  const options = ["--listen=127.0.0.1:0", "--json"];
  const sender = Program.start(`${dist}/sender`, [...args, ...options], env);
  const { port } = await sender.next<{ port: number }>("listening");
  return { sender, port };
}

/** Starts the compiled receiver without a window. */
export function startReceiver(dist: string, port: number, ...options: string[]): Program {
  return Program.start(`${dist}/receiver`, [
    ...[`127.0.0.1:${port}`, "--open", "--no-display", "--json", ...options],
  ]);
}

/** A process whose CPU time is measured. */
export interface Subject {
  /** The program. */
  program: Program;
  /** The process, if it is not the program's own. */
  pid?: number;
  /** Frames per second that pass through it; without it the program tells how many there were. */
  fps?: number;
}

/** How long {@linkcode cpuPerFrame} takes. */
export interface Windows {
  /** Code is compiled as it gets used, and 30 frames a second use it little. */
  warmUpSeconds: number;
  /** How many there are. */
  windows: number;
  /** How long each is. */
  windowSeconds: number;
}

/** What was measured of each program in each window. */
export type CpuPerFrame<Name extends string> = Record<Name, {
  /** CPU time per frame, in milliseconds. */
  ms: number[];
  /** Frames per second. */
  fps: number[];
}>;

/**
 * Measures what programs that run side by side take per frame. All see the same
 * disturbances at the same time, and none of them has just been started. Those that
 * tell how many frames they have seen do so once a second, which is when their CPU
 * time is read.
 */
export async function cpuPerFrame<Name extends string>(
  subjects: Record<Name, Subject>,
  { warmUpSeconds, windows, windowSeconds }: Windows,
): Promise<CpuPerFrame<Name>> {
  const entries = await Promise.all(
    Object.entries<Subject>(subjects).map(async ([name, subject]) => {
      const { program, pid = program.pid, fps } = subject;
      const since = monotonicMs();
      const seconds = async (count: number) => {
        let frames = 0;
        if (fps === undefined) {
          for (let second = 0; second < count; second++) {
            ({ frames } = await program.next<{ frames: number }>("stats"));
          }
        } else {
          await program.unlessEnded(pause(count * 1000));
          frames = (monotonicMs() - since) / 1000 * fps;
        }
        return { frames, cpu: cpuMs(pid), at: monotonicMs() };
      };
      const ms: number[] = [], rate: number[] = [];
      let before = await seconds(warmUpSeconds);
      for (let window = 0; window < windows; window++) {
        const after = await seconds(windowSeconds);
        const frames = after.frames - before.frames;
        if (frames === 0) throw new Error(`Cannot measure ${name}: no frame came through`);
        ms.push((after.cpu - before.cpu) / frames);
        rate.push(frames / (after.at - before.at) * 1000);
        before = after;
      }
      return [name, { ms, fps: rate }] as const;
    }),
  );
  return Object.fromEntries(entries) as CpuPerFrame<Name>;
}
