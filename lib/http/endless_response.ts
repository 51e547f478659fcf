/**
 * An HTTP response without an end, after its head.
 *
 * @module
 */

import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { formatAddress } from "../protocol/address.ts";
import { writeAll } from "../program/write_all.ts";
import type { Share } from "../security/share.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import type { Hub } from "../send/hub.ts";
import { full, type HttpResponse } from "./responses.ts";
import type { Visit } from "./visit.ts";

/** Longest time in which a client may accept no data. */
const STALL_SECONDS = 60;
/** Bytes that a client, which has nothing to send after its request, may send all the same. */
const MAX_RECEIVED_BYTES = 64 * 1024;
/** The longest that a timer waits. A page that is disconnected then connects again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Writes to a client until that disconnects, or is disconnected. */
export class EndlessResponse {
  /** Whether it has ended. */
  hasEnded = false;

  #connection: Connection;
  #ended = Promise.withResolvers<string>();
  #onEnd: () => void;
  #writingSince: number | undefined;

  /** @param onEnd called when it ends */
  constructor(connection: Connection, onEnd: () => void) {
    this.#connection = connection;
    this.#onEnd = onEnd;
  }

  /** Resolves with the reason when it ends. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** Whole seconds since which the client takes nothing; 0 if nothing waits. */
  get silentSeconds(): number {
    const since = this.#writingSince;
    return since === undefined ? 0 : Math.floor((performance.now() - since) / 1000);
  }

  /** Writes all of `bytes`. @throws if the connection is broken */
  async write(bytes: Uint8Array): Promise<void> {
    await writeAll({ write: (bytes) => this.#writeSome(bytes) }, bytes);
    this.#writingSince = undefined;
  }

  /** Ends it if the client has taken nothing for too long; about once a second. */
  tick(): void {
    if (this.silentSeconds > STALL_SECONDS) this.end(`accepted no data for ${STALL_SECONDS} s`);
  }

  /** Ends it. */
  end(reason: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#ended.resolve(reason);
    this.#onEnd();
    closeQuietly(this.#connection);
  }

  /** Reads, because only that notices a client that disconnects while nothing is written. */
  async watch(): Promise<void> {
    const buffer = new Uint8Array(1024);
    try {
      let received = 0;
      for (let count; (count = await this.#connection.read(buffer)) !== null;) {
        if ((received += count) > MAX_RECEIVED_BYTES) return this.end("sent too much");
      }
    } catch {
      // it was reset, or we have closed it
    }
    this.end("closed by the viewer");
  }

  async #writeSome(bytes: Uint8Array): Promise<number> {
    this.#writingSince = performance.now();
    return await this.#connection.write(bytes);
  }
}

/** A response that goes on as long as the client watches or listens, and may. */
export function endless(
  hub: Hub,
  type: string,
  { request, peer, onViewer }: Visit,
  { until }: Share,
  serve: (connection: Connection) => FrameSink,
): HttpResponse {
  if (request.method !== "HEAD" && !hub.makeRoom()) return full();
  return {
    status: 200,
    headers: { "Content-Type": type },
    proceed: async (connection) => {
      if (!hub.makeRoom()) return;
      using _ = closeAt(until, connection);
      onViewer();
      await hub.attend(serve(connection), formatAddress(peer));
    },
  };
}

/** Closes a connection when the right to watch ends, in milliseconds since the Unix epoch. */
export function closeAt(until: number, connection: Connection): Disposable {
  const timer = until === Infinity
    ? undefined
    : setTimeout(() => closeQuietly(connection), Math.min(until - Date.now(), MAX_TIMER_MS));
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
