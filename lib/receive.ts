/**
 * Frames from a sender, as they are now.
 *
 * @module
 */

import type { Address } from "./address.ts";
import { Backoff, wait } from "./backoff.ts";
import { ClockSync, now } from "./clock.ts";
import { MessageReader } from "./codec.ts";
import { type Control, type FrameInfo, PROTOCOL_VERSION, type Stream } from "./control.ts";
import { CamcatError, messageOf, ProtocolError } from "./errors.ts";
import { Frame, MAX_FRAME_BYTES } from "./frame.ts";
import { type Connection, Outbox } from "./outbox.ts";
import { connectFailure, undelayed } from "./serve.ts";

/** How long a sender may say nothing. One that speaks our protocol pings every second. */
const SILENCE_MS = 10_000;
/** How long connecting may take; the system's own limit is minutes. */
const CONNECT_MS = 10_000;

/** What happens on the way, for whoever wants to show it. */
export type ReceiveEvent =
  /** A connection stands; nothing is known of the peer yet. */
  | { type: "connected" }
  /** The sender has told about its picture, or whether it is live has changed. */
  | { type: "stream"; name: string; live: boolean; reason: string }
  /** The connection failed or ended. Another attempt follows, unless `once`. */
  | { type: "lost"; reason: string };

/** Options of {@linkcode receive} and {@linkcode receiveFrom}. */
export interface ReceiveOptions {
  /** Stops receiving; the frames end without an error. */
  signal?: AbortSignal;
  /** The longest frame accepted, in bytes. @default {16777216} */
  maxFrameBytes?: number;
  /** Called with what happens on the way. */
  onEvent?: (event: ReceiveEvent) => void;
}

/** A received frame, with what is known of its way. */
export interface ReceivedFrame {
  /** The picture. It is the caller's until the next one is asked for; `retain()` it to keep it. */
  frame: Frame;
  /** Its capture, on this machine's clock in milliseconds; undefined from a bare sender. */
  capturedAt: number | undefined;
  /** Frames that were lost on the way or replaced by this one, since the one before. */
  dropped: number;
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

/** One connection to a sender. */
class Reception {
  reason = "Cannot go on: the connection was closed";

  #connection: Connection;
  #onEvent: ReceiveOptions["onEvent"];
  #outbox: Outbox;
  #reader: MessageReader;
  #clock = new ClockSync();
  #stream: Stream | undefined;
  #info: FrameInfo | undefined;
  #newest: ReceivedFrame | undefined;
  #lastSeq = -1;
  #ended = false;
  #wake: (() => void) | undefined;
  #heardAt = performance.now();
  #timer: number;

  constructor(
    connection: Connection,
    maxFrameBytes: number,
    onEvent: ReceiveOptions["onEvent"],
  ) {
    this.#connection = connection;
    this.#onEvent = onEvent;
    this.#reader = new MessageReader({ maxFrameBytes });
    this.#outbox = new Outbox(connection, {
      failed: (error) => this.end(messageOf(error)),
    });
    this.#outbox.control({ type: "hello", version: PROTOCOL_VERSION });
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#read();
  }

  /** The newest frame, as soon as there is one; undefined at the end. */
  async next(): Promise<ReceivedFrame | undefined> {
    while (this.#newest === undefined && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const newest = this.#newest;
    this.#newest = undefined;
    return this.#ended ? undefined : newest;
  }

  /** Tells the sender that a frame has gone to the display. */
  acknowledge(seq: number): void {
    if (this.#stream !== undefined && !this.#ended) {
      this.#outbox.control({ type: "ack", seq });
    }
  }

  /** Ends the connection, for the first reason given. */
  end(reason: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    if (reason !== undefined) this.reason = reason;
    clearInterval(this.#timer);
    try {
      this.#connection.close();
    } catch {
      // closed already
    }
    this.#wake?.();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const count = await this.#connection.read(this.#reader.space());
        if (count === null) return this.end("The sender closed the connection");
        this.#heardAt = performance.now();
        for (const message of this.#reader.commit(count)) {
          if (message instanceof Frame) this.#receiveFrame(message);
          else this.#receiveControl(message);
        }
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        if (this.#stream !== undefined) {
          this.#outbox.control({ type: "bye", reason: error.message });
        }
        this.end(`What answers there is no camcat sender. ${error.message}`);
      } else {
        this.end(`The connection broke: ${messageOf(error)}`);
      }
    }
  }

  #receiveFrame(frame: Frame): void {
    const info = this.#info;
    this.#info = undefined;
    frame.seq = info?.seq ?? this.#lastSeq + 1;
    frame.time = info?.time ?? now();
    // A frame that waited is replaced; so are those the sender skipped.
    const skipped = this.#lastSeq < 0 ? 0 : Math.max(0, frame.seq - this.#lastSeq - 1);
    const dropped = skipped +
      (this.#newest === undefined ? 0 : this.#newest.dropped + 1);
    this.#newest?.frame.release();
    this.#lastSeq = frame.seq;
    const live = info !== undefined && this.#stream?.live === true &&
      this.#clock.offsetMs !== undefined;
    this.#newest = {
      frame,
      capturedAt: live ? info.time - this.#clock.offsetMs! : undefined,
      dropped,
    };
    this.#wake?.();
  }

  #receiveControl(message: Control): void {
    switch (message.type) {
      case "stream":
        if (this.#stream === undefined) this.#ping();
        this.#stream = message;
        this.#onEvent?.({
          type: "stream",
          name: message.name,
          live: message.live,
          reason: message.reason,
        });
        break;
      case "frame":
        this.#info = message;
        break;
      case "ping":
        this.#outbox.control({
          type: "pong",
          time: message.time,
          clock: now(),
        });
        break;
      case "pong":
        this.#clock.pong(message.time, message.clock, now());
        break;
      case "bye":
        this.end(`The sender says: ${message.reason}`);
        break;
    }
  }

  #tick(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) {
      this.end(`The sender has said nothing for ${SILENCE_MS / 1000} s`);
    } else if (this.#stream !== undefined) {
      this.#ping();
    }
  }

  #ping(): void {
    this.#outbox.control({ type: "ping", time: now() });
  }
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

async function connect(
  address: Address,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const deadline = AbortSignal.timeout(CONNECT_MS);
  try {
    return undelayed(
      await Deno.connect({
        ...address,
        signal: AbortSignal.any([signal, deadline]),
      }),
    );
  } catch (cause) {
    const error = deadline.aborted ? new Deno.errors.TimedOut("timed out") : cause;
    throw new CamcatError(connectFailure(address, error), { cause });
  }
}
