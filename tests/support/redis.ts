/**
 * Real Redis servers, each at a free port, ended when a test is done.
 *
 * @module
 */

import { Connection } from "../../lib/broker/connection.ts";
import type { Address } from "../../lib/protocol/address.ts";
import { Folder } from "./folder.ts";
import { withPatience } from "./patience.ts";
import { skipped } from "./skipped.ts";

/** Whether there is a Redis to test with. */
export const HAS_REDIS = hasRedis();
if (!HAS_REDIS) skipped("brokers are not tested: redis-server must be installed");

function hasRedis(): boolean {
  try {
    return new Deno.Command("redis-server", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** A port that nobody listened at just now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A running redis-server; it ends when this is disposed of. */
export class RedisServer implements AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  #folder: Folder;
  #args: string[];
  #process: Deno.ChildProcess | undefined;

  private constructor(port: number, args: string[]) {
    this.address = { hostname: "127.0.0.1", port };
    this.#folder = new Folder();
    this.#args = args;
  }

  /** Starts one at a free port. */
  static async start(...args: string[]): Promise<RedisServer> {
    for (let attempt = 0;; attempt++) {
      const server = new RedisServer(freePort(), args);
      try {
        await server.restart();
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        if (attempt === 3) throw error; // more than a port that was taken meanwhile
      }
    }
  }

  /** `HOST:PORT`. */
  get host(): string {
    return `127.0.0.1:${this.address.port}`;
  }

  /** Its process. */
  get pid(): number {
    return this.#process!.pid;
  }

  /** The folder it works in. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Starts it again, at the same port. */
  async restart(): Promise<void> {
    const isTls = this.#args.includes("--tls-cert-file");
    this.#process = new Deno.Command("redis-server", {
      args: [
        ...["--bind", "127.0.0.1", isTls ? "--tls-port" : "--port", `${this.address.port}`],
        ...(isTls ? ["--port", "0"] : []),
        ...["--save", "", "--appendonly", "no", "--dir", this.#folder.path],
        ...this.#args,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const lines = this.#process.stdout.pipeThrough(new TextDecoderStream());
    const reader = lines.getReader();
    let said = "";
    await withPatience(async () => {
      while (!/Ready to accept connections/i.test(said)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`redis-server has ended: ${said}`);
        said += value;
      }
    }, () => `redis-server: ${said}`);
    // It would stop when nobody reads what it says.
    (async () => {
      while (!(await reader.read()).done);
    })().catch(() => {});
    this.#read = reader;
  }

  #read: ReadableStreamDefaultReader<string> | undefined;

  /** Ends it at once. */
  async kill(): Promise<void> {
    try {
      this.#process?.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#process?.status;
    await this.#read?.closed.catch(() => {});
  }

  /** Stops it without ending it, or continues. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(signal);
  }

  /** Sends it a command. */
  async command(...args: (string | Uint8Array)[]): Promise<unknown> {
    using connection = await Connection.open(this.address, { tls: false });
    return await connection.command(...args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#folder[Symbol.asyncDispose]();
  }
}

/** A test that needs redis-server. */
export function redisTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_REDIS, fn });
}
