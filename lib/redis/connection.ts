/**
 * One connection to a Redis, without a queue of its own and without reconnecting.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import tls from "node:tls";
import { RedisClient } from "@redis/client";
import { onAbort } from "../base/abort.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { within } from "../base/within.ts";
import { isTimeout, reasonOf } from "./connection_errors.ts";
import { reach } from "./reach.ts";
import { ReplyGuard } from "./reply_guard.ts";
import { handshakeMs, recordHandshake } from "./tls_patience.ts";
import { type Address, formatAddress } from "../protocol/address.ts";

/** How long the network may be silent while a connection is made, in milliseconds. */
const CONNECT_MS = 1000;
/** How long signing in may take. */
const READY_MS = 3000;

/** How to connect. */
export interface ConnectionOptions {
  /** Whether to encrypt. */
  tls: boolean;
  /** Certificate authorities to trust, as PEM. @default those that Deno has */
  authorities?: string | undefined;
  /** The user of the broker's access list. */
  user?: string | undefined;
  /** The broker's password. */
  password?: string | undefined;
}

/** What a server says about itself. */
export interface ServerInfo {
  /** How it runs. */
  mode: "standalone" | "sentinel" | "cluster";
  /** Whether it takes writes; a Sentinel and a node of a Cluster answer for themselves. */
  isPrimary: boolean;
  /** Its main version: 6, 7, 8. */
  version: number;
}

type Client = ReturnType<typeof makeClient>;

/** Made once: the library builds a class for each, which takes 20 ms. */
const newClient = RedisClient.factory({ RESP: 3 });

function makeClient(address: Address, options: ConnectionOptions) {
  const socket = {
    host: address.hostname,
    port: address.port,
    // 0 is none: the host was just reached, and Deno keeps the descriptor of a connection that is
    // given up before it is made.
    connectTimeout: options.tls ? handshakeMs(address, CONNECT_MS) : 0,
    reconnectStrategy: false,
  };
  return newClient(
    {
      RESP: 3,
      socket: options.tls
        ? { ...socket, tls: true, ca: options.authorities ?? [...tls.rootCertificates] }
        : socket,
      ...(options.user === undefined ? {} : { username: options.user }),
      ...(options.password === undefined ? {} : { password: options.password }),
      name: "camcat",
      disableOfflineQueue: true,
      disableClientInfo: true,
      maintNotifications: "disabled",
    } as Parameters<typeof newClient>[0],
  );
}

/** A connection; it ends for good when anything goes wrong. */
export class Connection implements Disposable {
  /** Where it goes to. */
  readonly address: Address;
  /** Resolves when it has ended, with the reason. */
  readonly ended: Promise<string>;
  #client: Client;
  #isEnded = false;
  #end: (reason: string) => void;
  #isSharded = false;

  private constructor(address: Address, options: ConnectionOptions) {
    this.address = address;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
    this.#client = makeClient(address, options);
    this.#guard();
    this.#client.on("error", (error: unknown) => this.close(messageOf(error)));
    // The library forgets a connection that is closed while it is made.
    this.#client.on("connect", () => this.#isEnded && this.#client.destroy());
    // Its channel has moved to another node of the Cluster.
    this.#client.on(
      "sharded-channel-moved",
      () => this.close("the camera has moved to another node"),
    );
  }

  /**
   * Reads what comes before the library does, and ends the connection if it is too large. The
   * library has no place for that; it gives its socket away for other ends, and takes it back.
   */
  #guard(): void {
    const guard = new ReplyGuard();
    const socket = this.#client._ejectSocket();
    socket.on("data", (chunk: Uint8Array) => {
      if (this.#isEnded) return;
      try {
        guard.check(chunk);
      } catch (error) {
        this.close(messageOf(error));
      }
    });
    this.#client._insertSocket(socket);
  }

  /**
   * Connects, and signs in.
   *
   * @param signal gives up
   * @throws {CamcatError} if the server cannot be reached, or does not let us in
   */
  static async open(
    address: Address,
    options: ConnectionOptions,
    signal?: AbortSignal,
  ): Promise<Connection> {
    let connection: Connection | undefined;
    using _ = onAbort(signal, () => connection?.close("it is not needed any more"));
    try {
      await reach(address, CONNECT_MS);
      signal?.throwIfAborted();
      connection = new Connection(address, options);
      const ready = connection.#connect();
      const readyMs = READY_MS + handshakeMs(address, CONNECT_MS);
      if (await within(ready, readyMs) === undefined) throw new Error("it does not answer");
      recordHandshake(address, false);
      return connection;
    } catch (cause) {
      connection?.close(messageOf(cause));
      if (options.tls) recordHandshake(address, connection !== undefined && isTimeout(cause));
      throw new CamcatError(
        `Cannot connect to the broker ${formatAddress(address)}: ${
          reasonOf(cause, options.password !== undefined)
        }`,
        { cause },
      );
    }
  }

  /** Resolves when it is ready, and rejects when it is closed before. */
  async #connect(): Promise<true> {
    const ended = this.ended.then((reason) => {
      throw new Error(reason);
    });
    await Promise.race([this.#client.connect(), ended]);
    return true;
  }

  /** Asks the server about itself. Anyone who is signed in may. */
  async info(): Promise<ServerInfo> {
    const reply = await this.command("HELLO", "3") as Record<string, unknown> | null;
    if (typeof reply !== "object" || reply === null || Array.isArray(reply)) {
      throw new CamcatError(
        `Cannot use the broker ${formatAddress(this.address)}: it must be Redis 6 or later, or ` +
          "Valkey, and its answer to HELLO makes no sense",
      );
    }
    const mode = reply.mode === "cluster" || reply.mode === "sentinel" ? reply.mode : "standalone";
    return {
      mode,
      isPrimary: reply.role !== "replica",
      version: Number.parseInt(String(reply.version)) || 6,
    };
  }

  /** Uses channels that only the nodes in charge of them carry (Redis 7, Cluster). */
  shard(): void {
    this.#isSharded = true;
  }

  /**
   * Sends a command.
   *
   * @throws {CamcatError} the server's error, or why the connection has ended
   */
  async command(...args: (string | Uint8Array)[]): Promise<unknown> {
    try {
      return await this.#client.sendCommand(
        args.map((arg) => typeof arg === "string" ? arg : toBuffer(arg)),
      );
    } catch (cause) {
      throw new CamcatError(messageOf(cause), { cause });
    }
  }

  /** Publishes. Resolves when the server has taken it, with the number of subscribers there. */
  async publish(channel: string, message: Uint8Array): Promise<number> {
    return Number(await this.command(this.#isSharded ? "SPUBLISH" : "PUBLISH", channel, message));
  }

  /** Gives what is published to `listener`, which must return at once. */
  async subscribe(channel: string, listener: (message: Uint8Array) => void): Promise<void> {
    if (this.#isSharded) await this.#client.sSubscribe(channel, listener, true);
    else await this.#client.subscribe(channel, listener, true);
  }

  /** Resolves when nothing more comes. */
  async unsubscribe(channel: string): Promise<void> {
    if (this.#isSharded) await this.#client.sUnsubscribe(channel);
    else await this.#client.unsubscribe(channel);
  }

  /** Ends it. */
  close(reason = "closed"): void {
    this.#isEnded = true;
    this.#end(reason);
    // Not now: the library may be reading what calls this, and would read it again for ever.
    queueMicrotask(() => this.#client.destroy());
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The same memory as a Buffer, which the library wants. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
