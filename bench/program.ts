/**
 * Programs under test and their peers. All tell what happens as JSON, one object
 * a line: `{"event": NAME, ...}`.
 *
 * @module
 */

import { Child } from "../lib/child.ts";
import type { Bench } from "./figures.ts";
import { cpuMs } from "./system.ts";

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
    return Program.start("python3", [path, ...args.map(String)]);
  }

  /** Its process number. */
  get pid(): number {
    return this.#child.process.pid;
  }

  /** The next event of that name. */
  next<T extends object>(event: string): Promise<T> {
    const heard = new Promise<Event>((resolve) => this.#waiting.push({ event, resolve }));
    return Promise.race([heard, this.#ended]) as Promise<T>;
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

/**
 * Starts the compiled sender with a camera on its standard input that writes into
 * every picture when it was captured.
 */
export async function startCamera(
  bench: Bench,
  size: string,
  fps: number,
): Promise<{ sender: Program; port: number }> {
  const camera = new URL("peers/camera.py", import.meta.url).pathname;
  const sender = Program.start("bash", [
    "-c",
    'exec "$1/sender" - --open --listen=127.0.0.1:0 --json < <(exec python3 "$2" "$3" "$4")',
    "bash",
    bench.dist,
    camera,
    await bench.clip(size, fps),
    `${fps}`,
  ]);
  const { port } = await sender.next<{ port: number }>("listening");
  return { sender, port };
}

/** Starts the compiled receiver without a window. */
export function startReceiver(dist: string, port: number): Program {
  return Program.start(`${dist}/receiver`, [
    ...[`127.0.0.1:${port}`, "--open", "--no-display", "--json"],
  ]);
}

/** CPU time per frame, in milliseconds, of each program in each of some windows of time. */
export type CpuPerFrame<Name extends string> = Record<Name, number[]>;

/**
 * Measures what programs that run side by side take per frame. They count frames
 * themselves and tell so about once a second, which is when their CPU time is read.
 * All see the same disturbances at the same time, and none of them has just been
 * started: code is compiled as it gets used, and 30 frames a second use it little.
 */
export async function cpuPerFrame<Name extends string>(
  programs: Record<Name, Program>,
  options: { warmUpSeconds: number; windows: number; windowSeconds: number },
): Promise<CpuPerFrame<Name>> {
  const names = Object.keys(programs) as Name[];
  const entries = await Promise.all(names.map(async (name) => {
    const program = programs[name];
    const seconds = async (count: number) => {
      let frames = 0;
      for (let second = 0; second < count; second++) {
        ({ frames } = await program.next<{ frames: number }>("stats"));
      }
      return { frames, cpu: cpuMs(program.pid) };
    };
    const values: number[] = [];
    let before = await seconds(options.warmUpSeconds);
    for (let window = 0; window < options.windows; window++) {
      const after = await seconds(options.windowSeconds);
      if (after.frames === before.frames) {
        throw new Error(`Cannot measure ${name}: no frame came through`);
      }
      values.push((after.cpu - before.cpu) / (after.frames - before.frames));
      before = after;
    }
    return [name, values] as const;
  }));
  return Object.fromEntries(entries) as CpuPerFrame<Name>;
}
