/**
 * Receiving frames from a sender: the newest ones, or every frame.
 *
 * @module
 */

import type { Address } from "../protocol/address.ts";
import { onAbort } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { closeQuietly, type Connection, isEncrypted } from "../protocol/connection.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { Reaching } from "./reaching.ts";
import type { ReceivedFrame, ReceiveEvent } from "./received.ts";
import type { Elsewhere } from "./seeker.ts";
import { StreamReader } from "./stream_reader.ts";
import type { StreamReaderOptions } from "./stream_reader_options.ts";

export type { ReceivedFrame, ReceivedSound, ReceiveEvent } from "./received.ts";
export type { Elsewhere } from "./seeker.ts";
export type { StreamReaderOptions } from "./stream_reader_options.ts";

/** A connection that fails sooner after it was made does not make the next one come sooner. */
const STEADY_MS = 2000;

/** Options of {@linkcode receive} and {@linkcode receiveFrom}. */
export interface ReceiveOptions extends StreamReaderOptions {
  /** Stops receiving; the frames end without an error. */
  signal?: AbortSignal | undefined;
}

/**
 * Receives over one connection until it ends.
 *
 * Frames that arrive while the caller is busy replace each other, unless `allFrames` is set.
 * Asking for the next frame acknowledges the previous one, which sets the sender's pace.
 *
 * @throws {CamcatError} when the connection fails or the sender ends it; the message says why
 */
export async function* receiveFrom(
  connection: Connection,
  options: ReceiveOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const { signal } = options;
  const reader = new StreamReader(connection, options);
  using _ = onAbort(signal, () => reader.end());
  try {
    for (let received; (received = await reader.next()) !== undefined;) {
      if (signal?.aborted) break;
      const { seq } = received.frame;
      yield received;
      received.frame.release();
      reader.acknowledge(seq);
    }
  } finally {
    reader.end();
  }
  if (!signal?.aborted) throw reader.failure;
}

/** Options of {@linkcode receive}. */
export interface ReconnectOptions extends ReceiveOptions {
  /** The sender's key; without one only open senders can be watched. */
  key?: Key | undefined;
  /** Accept an open sender as well, although `key` is set. @default {false} */
  orOpen?: boolean | undefined;
  /** Give up at the first failure instead of reconnecting. @default {false} */
  once?: boolean | undefined;
  /** Where the sender may be while it is not at its address. @default nowhere */
  elsewhere?: Elsewhere | undefined;
}

/**
 * Connects to a sender and receives frames for as long as the caller asks for them.
 * When the connection fails it reconnects, without limit, after 0.2 s to 5 s. With `elsewhere` it
 * looks there in the meantime, and stays where it finds the sender.
 *
 * @example Counting the first three frames of a sender
 * ```ts
 * import { Key, receive, send } from "@camcat/camcat";
 * import { assertEquals } from "@std/assert";
 *
 * const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 0x12, 0x34, 0xff, 0xd9);
 * async function* camera() {
 *   for (;;) {
 *     yield jpeg;
 *     await new Promise((resolve) => setTimeout(resolve, 5));
 *   }
 * }
 *
 * const key = Key.random();
 * await using sender = await send(camera(), { listen: { hostname: "127.0.0.1", port: 0 }, key });
 * const bytes = [];
 * for await (const { frame } of receive(sender.address, { key })) {
 *   bytes.push(frame.jpeg.length);
 *   if (bytes.length === 3) break;
 * }
 * assertEquals(bytes, [10, 10, 10]);
 * ```
 *
 * @throws {KeyError} when our key and the sender's do not match, before the first picture
 * @throws {CamcatError} when the connection fails and `once` is set
 */
export async function* receive(
  address: Address,
  options: ReconnectOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const { key, orOpen, once, onEvent, elsewhere } = options;
  const signal = options.signal ?? new AbortController().signal;
  const handshake = key && handshakeAsViewer(await identityOf(key));
  using reaching = new Reaching(address, { signal, handshake, orOpen, elsewhere });
  const backoff = new Backoff();
  let everReceived = false;
  const isLast = (error: unknown) => !!once || error instanceof KeyError && !everReceived;
  while (!signal.aborted) {
    try {
      const { connection, address } = await reaching.reach(isLast);
      onEvent?.({ type: "connected", encrypted: isEncrypted(connection), address });
      const connectedAt = performance.now();
      const watched = (event: ReceiveEvent) => {
        // Where it is silent, it may have another address now.
        if (event.type === "silent") reaching.suspect(() => closeQuietly(connection));
        if (event.type === "heard") reaching.trust();
        onEvent?.(event);
      };
      for await (const received of receiveFrom(connection, { ...options, onEvent: watched })) {
        everReceived = true;
        if (performance.now() - connectedAt > STEADY_MS) backoff.reset();
        yield received;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CamcatError) || isLast(error)) throw error;
      onEvent?.({ type: "lost", reason: error.message });
    }
    await reaching.wait(backoff.nextMs());
  }
}
