/**
 * Frames from a sender, as they are now, or all of them.
 *
 * @module
 */

import type { Address } from "../protocol/address.ts";
import { wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { dial } from "../security/dial.ts";
import { type Connection, isEncrypted } from "../protocol/connection.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { handshakeAsViewer } from "../security/handshake.ts";
import { identityOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";
import { type ReceivedFrame, StreamReader, type StreamReaderOptions } from "./stream_reader.ts";

export type { ReceivedFrame, ReceiveEvent, StreamReaderOptions } from "./stream_reader.ts";

/** Options of {@linkcode receive} and {@linkcode receiveFrom}. */
export interface ReceiveOptions extends StreamReaderOptions {
  /** Stops receiving; the frames end without an error. */
  signal?: AbortSignal | undefined;
}

/**
 * Receives over one connection until it ends.
 *
 * Frames that arrive while the caller is busy with one replace each other, unless
 * `allFrames` is set.
 * Asking for the next frame acknowledges the one before, and the sender sends no
 * faster than that.
 *
 * @throws {CamcatError} when the connection fails or the sender ends it; the message says why
 */
export async function* receiveFrom(
  connection: Connection,
  options: ReceiveOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const { signal } = options;
  const reception = new StreamReader(connection, options);
  const stop = () => reception.end();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    for (let received; (received = await reception.next()) !== undefined;) {
      if (signal?.aborted) break;
      const { seq } = received.frame;
      yield received;
      received.frame.release();
      reception.acknowledge(seq);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
    reception.end();
  }
  if (!signal?.aborted) throw reception.failure;
}

/** Options of {@linkcode receive}. */
export interface ReconnectOptions extends ReceiveOptions {
  /** The sender's; without one only open senders can be watched. */
  key?: Key | undefined;
  /** Whether an open sender will do as well, though there is a key. @default {false} */
  orOpen?: boolean | undefined;
  /** Give up at the first failure instead of connecting again. @default {false} */
  once?: boolean | undefined;
}

/**
 * Connects to a sender and receives frames for as long as they are asked for.
 * When the connection fails it is made again, for ever, with growing delays.
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
 * @throws {KeyError} when our key and the sender's do not go together, before there
 * was ever a picture
 * @throws {CamcatError} when the connection fails and `once` is set
 */
export async function* receive(
  address: Address,
  options: ReconnectOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const { key, orOpen, once, onEvent } = options;
  const signal = options.signal ?? new AbortController().signal;
  const handshake = key && handshakeAsViewer(await identityOf(key));
  const backoff = new Backoff();
  let everReceived = false;
  while (!signal.aborted) {
    try {
      const connection = await dial(address, { signal, handshake, orOpen });
      onEvent?.({ type: "connected", encrypted: isEncrypted(connection) });
      for await (const received of receiveFrom(connection, options)) {
        everReceived = true;
        backoff.reset();
        yield received;
      }
    } catch (error) {
      if (signal.aborted) return;
      const isHopeless = error instanceof KeyError && !everReceived;
      if (!(error instanceof CamcatError) || once || isHopeless) throw error;
      onEvent?.({ type: "lost", reason: error.message });
    }
    await wait(backoff.nextMs(), signal);
  }
}
