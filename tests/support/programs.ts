/**
 * Runs the compiled programs as a user would, and listens to their `--json`.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Key } from "../../lib/security/key.ts";

/** A line of `--json`. */
export interface Event {
  event: string;
  // deno-lint-ignore no-explicit-any -- each event has fields of its own
  [field: string]: any;
}

/** Waiting longer than this for anything is a failure. */
const PATIENCE_MS = 120_000;

/** The key that senders and receivers in tests have, unless they are given another one. */
export const TEST_KEY = Key.random();

/** Where programs in tests would keep keys: not where those of the user are, and not at all. */
const PRIVATE = { CAMCAT_KEY: TEST_KEY.text, XDG_CONFIG_HOME: "/dev/null" };

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
      env: { ...PRIVATE, ...options.env },
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

export const DIST = new URL("../../dist/", import.meta.url).pathname;

const isLinux = Deno.build.os === "linux";
if (!isLinux) {
  console.warn("SKIPPED: the compiled programs are tested on Linux only, for ps, /proc and Xvfb");
}

/** A test that looks at processes and windows in ways that only Linux has. */
export function testOnLinux(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !isLinux, fn });
}

/** Starts the compiled sender, with `--json`, at a free port of this machine only. */
export function startSender(args: string[], options?: Partial<Deno.CommandOptions>): Program {
  const listen = args.some((arg) => /^--(listen|push)/.test(arg)) ? [] : ["--listen=127.0.0.1:0"];
  return new Program(`${DIST}sender`, ["--json", ...listen, ...args], options);
}

/** Starts the compiled receiver, with `--json`. */
export function startReceiver(args: string[], options?: Partial<Deno.CommandOptions>): Program {
  return new Program(`${DIST}receiver`, ["--json", ...args], options);
}

/** Fails, with what was waited for, if `action` takes too long. */
export async function withPatience<T>(action: () => Promise<T>, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Gave up waiting for ${what()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([action(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves as soon as `condition` holds, looking often: for what the system does not announce. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The processes that `pid` started, by program name. */
export async function childrenOf(pid: number): Promise<Map<number, string>> {
  const output = await new Deno.Command("ps", {
    args: ["-o", "pid=,stat=,comm=", "--ppid", `${pid}`],
  }).output();
  const rows = new TextDecoder().decode(output.stdout).trim().split("\n").filter((row) =>
    row !== ""
  )
    .map((row) => row.trim().split(/\s+/)).filter(([, stat]) => !stat.startsWith("Z"));
  return new Map(rows.map(([pid, , name]) => [Number(pid), name]));
}

/** Whether a process is there, and is more than an entry for its parent to collect. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Runs ffmpeg to its end. */
export async function ffmpeg(args: string[], stdin?: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-y", ...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const fed = stdin === undefined
    ? undefined
    : new Blob([stdin as BlobPart]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  await fed;
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return stdout;
}

/** Width and height of one bit in the pictures of {@linkcode numberedPictures}, in pixels. */
const BIT = 16;
const BITS = 12;

/** An ffmpeg source whose pictures show their number in binary, one black or white column a bit. */
export function numberedPictures(fps: number): string {
  return `nullsrc=size=${BIT * BITS}x64:rate=${fps},format=yuvj420p,` +
    `geq=lum='255*mod(floor(N/pow(2,floor(X/${BIT}))),2)':cb=128:cr=128`;
}

/** Reads the numbers out of pictures, whatever has happened to them on the way. */
export async function readNumbers(jpegs: Uint8Array[]): Promise<number[]> {
  const all = new Uint8Array(await new Blob(jpegs as BlobPart[]).arrayBuffer());
  const size = `${BITS}:4`;
  const pixels = await ffmpeg([
    ...["-f", "mjpeg", "-i", "pipe:0", "-fps_mode", "passthrough"],
    ...["-vf", `scale=${size}:flags=area,format=gray`, "-f", "rawvideo", "pipe:1"],
  ], all);
  const pictureBytes = BITS * 4;
  return jpegs.map((_, index) => {
    const row = pixels.subarray(index * pictureBytes + BITS, index * pictureBytes + 2 * BITS);
    return row.reduce((number, level, bit) => number + (level > 127 ? 1 << bit : 0), 0);
  });
}

/** A folder that goes with the end of a test. */
export class Folder implements AsyncDisposable {
  readonly path: string;

  /** Makes it in `dir`, by default where the system has its temporary files. */
  constructor(dir?: string) {
    this.path = Deno.makeTempDirSync({ prefix: "camcat-test-", ...(dir && { dir }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.path, { recursive: true });
  }
}

/** Removes a folder, when nobody writes to it any more: what was killed may have started somebody. */
export async function remove(path: string, options?: Deno.RemoveOptions): Promise<void> {
  await until(async () => {
    try {
      await Deno.remove(path, options);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "ENOTEMPTY") return false;
      throw error;
    }
  }, `the end of all that write to ${path}`);
}
