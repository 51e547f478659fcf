/**
 * Frames from a sender, as they are now.
 *
 * @module
 */

import type { Address } from "./address.ts";
import { Backoff, wait } from "./backoff.ts";
import { CamcatError } from "./errors.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";
import type { Connection } from "./outbox.ts";
import { type ReceivedFrame, type ReceiveEvent, Reception } from "./reception.ts";
import { connectFailure, undelayed } from "./serve.ts";

export type { ReceivedFrame, ReceiveEvent } from "./reception.ts";

/** How long connecting may take; the system's own limit is minutes. */
const CONNECT_MS = 10_000;

/** Options of {@linkcode receive} and {@linkcode receiveFrom}. */
export interface ReceiveOptions {
  /** Stops receiving; the frames end without an error. */
  signal?: AbortSignal;
  /** The longest frame accepted, in bytes. @default {16777216} */
  maxFrameBytes?: number;
  /** Called with what happens on the way. */
  onEvent?: (event: ReceiveEvent) => void;
}

/**
 * Receives over one connection until it ends.
 *
 * Frames that arrive while the caller is busy with one replace each other.
 * Asking for the next frame acknowledges the one before, and the sender sends no
 * faster than that.
 *
 * @throws {CamcatError} when the connection fails or the sender ends it; the message says why
 */
export async function* receiveFrom(
  connection: Connection,
  options: ReceiveOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const { signal, onEvent } = options;
  const reception = new Reception(
    connection,
    options.maxFrameBytes ?? MAX_FRAME_BYTES,
    onEvent,
  );
  const stop = () => reception.end(undefined);
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
    reception.end(undefined);
  }
  if (!signal?.aborted) throw new CamcatError(reception.reason);
}

/** Options of {@linkcode receive}. */
export interface ReconnectOptions extends ReceiveOptions {
  /** Give up at the first failure instead of connecting again. @default {false} */
  once?: boolean;
}

/**
 * Connects to a sender and receives frames for as long as they are asked for.
 * When the connection fails it is made again, for ever, with growing delays.
 *
 * @example Counting the first three frames of a sender
 * ```ts
 * import { receive, send } from "@camcat/camcat";
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
 * await using sender = send(camera(), { listen: { hostname: "127.0.0.1", port: 0 } });
 * const bytes = [];
 * for await (const { frame } of receive(sender.address)) {
 *   bytes.push(frame.jpeg.length);
 *   if (bytes.length === 3) break;
 * }
 * assertEquals(bytes, [10, 10, 10]);
 * ```
 *
 * @throws {CamcatError} when the connection fails and `once` is set
 */
export async function* receive(
  address: Address,
  options: ReconnectOptions = {},
): AsyncGenerator<ReceivedFrame, void, void> {
  const signal = options.signal ?? new AbortController().signal;
  const backoff = new Backoff();
  while (!signal.aborted) {
    try {
      const connection = await connect(address, signal);
      options.onEvent?.({ type: "connected" });
      for await (const received of receiveFrom(connection, options)) {
        backoff.reset();
        yield received;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CamcatError) || options.once) throw error;
      options.onEvent?.({ type: "lost", reason: error.message });
    }
    await wait(backoff.nextMs(), signal);
  }
}

async function connect(address: Address, outer: AbortSignal): Promise<Deno.TcpConn> {
  const attempt = new AbortController();
  const give = (reason: Error) => () => attempt.abort(reason);
  const stop = give(new CamcatError("stopped"));
  const timer = setTimeout(give(new Deno.errors.TimedOut("timed out")), CONNECT_MS);
  outer.addEventListener("abort", stop);
  try {
    return undelayed(await Deno.connect({ ...address, signal: attempt.signal }));
  } catch (cause) {
    const reason = attempt.signal.aborted ? attempt.signal.reason : cause;
    throw new CamcatError(connectFailure(address, reason), { cause });
  } finally {
    clearTimeout(timer);
    outer.removeEventListener("abort", stop);
  }
}
