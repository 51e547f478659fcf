/**
 * Real Redis servers, each at a free port, ended when a test is done.
 *
 * @module
 */

import { Connection } from "../../lib/redis/connection.ts";
import type { Address } from "../../lib/protocol/address.ts";
import { Folder } from "./folder.ts";
import { until, withPatience } from "./patience.ts";
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
    return await RedisServer.#startOne((port) => new RedisServer(port, args));
  }

  /** Starts a Sentinel that watches the server as `cameras`, and alone decides that it is down. */
  static async startSentinel({ address: { port: watched } }: RedisServer): Promise<RedisServer> {
    return await RedisServer.#startOne((port) => {
      const sentinel = new RedisServer(port, ["--sentinel"]);
      const lines = [
        ...[`port ${port}`, "bind 127.0.0.1", `dir ${sentinel.folder}`],
        `sentinel monitor cameras 127.0.0.1 ${watched} 1`,
        "sentinel down-after-milliseconds cameras 300",
      ];
      Deno.writeTextFileSync(sentinel.#config, lines.join("\n") + "\n");
      return sentinel;
    });
  }

  static async #startOne(make: (port: number) => RedisServer): Promise<RedisServer> {
    for (let attempt = 0;; attempt++) {
      const server = make(freePort());
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

  /** The configuration of a Sentinel, which writes it, too. */
  get #config(): string {
    return `${this.#folder.path}/sentinel.conf`;
  }

  /** Starts it again, at the same port. */
  async restart(): Promise<void> {
    const isTls = this.#args.includes("--tls-cert-file");
    this.#process = new Deno.Command("redis-server", {
      args: this.#args.includes("--sentinel") ? [this.#config, ...this.#args] : [
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
      while (!/Ready to accept connections|Sentinel ID is/i.test(said)) {
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

/** Certificates for a server on this machine, by an authority of our own. */
export interface Certificates {
  /** The authority's certificate. */
  authority: string;
  /** Arguments of redis-server. */
  args: string[];
}

/** Makes certificates in `folder`. */
export async function certificatesIn(folder: string): Promise<Certificates> {
  const [authority, authorityKey] = [`${folder}/ca.pem`, `${folder}/ca.key`];
  const [certificate, certificateKey] = [`${folder}/server.pem`, `${folder}/server.key`];
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const openssl = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  await openssl(
    ...["req", "-x509", ...ec, "-keyout", authorityKey, "-out", authority, "-days", "2"],
    ...["-subj", "/CN=camcat test"],
  );
  await openssl(
    ...["req", ...ec, "-keyout", certificateKey, "-out", `${folder}/request`, "-subj", "/CN=redis"],
  );
  await Deno.writeTextFile(`${folder}/names`, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await openssl(
    ...["x509", "-req", "-in", `${folder}/request`, "-CA", authority, "-CAkey", authorityKey],
    ...["-CAcreateserial", "-days", "2", "-extfile", `${folder}/names`, "-out", certificate],
  );
  const args = [
    ...["--tls-cert-file", certificate, "--tls-key-file", certificateKey],
    ...["--tls-ca-cert-file", authority, "--tls-auth-clients", "no"],
  ];
  return { authority, args };
}

/** Starts three nodes of a Cluster. */
export async function startCluster(): Promise<RedisServer[]> {
  const nodes = await Promise.all(
    [1, 2, 3].map(() =>
      RedisServer.start("--cluster-enabled", "yes", "--cluster-port", `${freePort()}`)
    ),
  );
  const args = ["--cluster", "create", ...nodes.map(({ host }) => host), "--cluster-yes"];
  const { success, stdout } = await new Deno.Command("redis-cli", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stdout));
  for (const node of nodes) {
    const isReady = async () =>
      /cluster_state:ok/.test(String(await node.command("CLUSTER", "INFO")));
    await until(isReady, "the Cluster");
  }
  return nodes;
}

/** A test that needs redis-server. */
export function redisTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_REDIS, fn });
}
