/**
 * One connection to a sender, as the receiver sees it.
 *
 * @module
 */

import { ClockSync, SAMPLES_BEHIND_QUEUES } from "../protocol/clock_sync.ts";
import { now } from "../base/clock.ts";
import { MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import {
  type Control,
  type FrameInfo,
  PROTOCOL_VERSION,
  type Stream,
} from "../protocol/control.ts";
import { CamcatError, KeyError, messageOf, ProtocolError } from "../base/errors.ts";
import { Frame, MAX_FRAME_BYTES, MAX_PIXELS } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { WriteQueue } from "../protocol/write_queue.ts";

/** How long a sender may say nothing. Ours pings every other second at least. */
const SILENCE_SECONDS = 10;

/** Frames, and bytes of memory, that wait for the caller before the sender has to. */
const MAX_WAITING = 16;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** What happens on the way, for whoever wants to show it. */
export type ReceiveEvent =
  /** A connection stands; nothing is known of the peer, but that it has the key if it is encrypted. */
  | { type: "connected"; encrypted: boolean }
  /** The sender has told about its picture, or whether it is live has changed. */
  | { type: "stream"; name: string; live: boolean; reason: string }
  /** The connection failed or ended. Another attempt follows, unless `once`. */
  | { type: "lost"; reason: string };

/** Options of {@linkcode StreamReader}. */
export interface StreamReaderOptions {
  /** Which of the sender's cameras. @default its first */
  camera?: string | undefined;
  /**
   * Every frame in order, instead of the newest: the sender keeps those that the caller
   * or the network is too slow for, within bounds; `dropped` tells what is lost beyond.
   *
   * @default {false}
   */
  allFrames?: boolean | undefined;
  /** The longest frame accepted, in bytes. @default {16777216} */
  maxFrameBytes?: number | undefined;
  /** Called with what happens on the way. */
  onEvent?: ((event: ReceiveEvent) => void) | undefined;
}

/** A received frame, with what is known of its way. */
export interface ReceivedFrame {
  /** The picture. It is the caller's until the next one is asked for; `retain()` it to keep it. */
  frame: Frame;
  /** Its capture, on this machine's clock in milliseconds; undefined from a bare sender. */
  capturedAt: number | undefined;
  /** Whether it shows the present; false for what the sender shows while it has no signal. */
  live: boolean;
  /** Frames that were not sent, or were replaced by this one, since the one before. */
  dropped: number;
}

/**
 * Reads one connection all the time and keeps the newest frame, until it is
 * asked for; answers pings meanwhile. If every frame is wanted it keeps some, and
 * then reads no more until they are asked for, so that TCP holds the sender back.
 */
export class StreamReader {
  /** Why the connection ended. */
  failure: CamcatError = new CamcatError("Cannot go on: the connection was closed");

  #connection: Connection;
  #onEvent: ((event: ReceiveEvent) => void) | undefined;
  #outbox: WriteQueue;
  #reader: MessageReader;
  #allFrames: boolean;
  #clock: ClockSync;
  #stream: Stream | undefined;
  #info: FrameInfo | undefined;
  /** One frame at most, unless all are wanted. */
  #waiting: ReceivedFrame[] = [];
  #lastSeq = -1;
  #ended = false;
  #wake: (() => void) | undefined;
  /** Goes on to read; undefined while it does. */
  #resume: (() => void) | undefined;
  /** Seconds in which we have listened and heard nothing: none pass while the machine sleeps. */
  #silentSeconds = 0;
  #timer: ReturnType<typeof setTimeout>;

  /** Says hello and begins to read. */
  constructor(
    connection: Connection,
    { camera, allFrames = false, maxFrameBytes = MAX_FRAME_BYTES, onEvent }: StreamReaderOptions,
  ) {
    this.#connection = connection;
    this.#onEvent = onEvent;
    this.#allFrames = allFrames;
    this.#clock = new ClockSync(allFrames ? SAMPLES_BEHIND_QUEUES : undefined);
    this.#reader = new MessageReader({ maxFrameBytes });
    this.#outbox = new WriteQueue(connection, {
      failed: (error) => {
        // When the connection is broken there may be frames yet to read before its end.
        if (error instanceof ProtocolError) this.end(error.message);
      },
    });
    this.#outbox.control({
      type: "hello",
      version: PROTOCOL_VERSION,
      ...(camera === undefined ? {} : { camera }),
      ...(allFrames ? { frames: "all" } : {}),
    });
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#read();
  }

  /** The frame that waits, as soon as there is one; undefined after the last. */
  async next(): Promise<ReceivedFrame | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const first = this.#waiting.shift();
    if (!this.#isFull) this.#resume?.();
    return first;
  }

  /** Tells the sender that a frame has gone to the display. */
  acknowledge(seq: number): void {
    if (this.#stream !== undefined && !this.#ended) {
      this.#outbox.control({ type: "ack", seq });
    }
  }

  /** Ends the connection, for the first reason given. */
  end(reason?: string | CamcatError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (reason !== undefined) {
      this.failure = typeof reason === "string" ? new CamcatError(reason) : reason;
    }
    clearInterval(this.#timer);
    closeQuietly(this.#connection);
    this.#wake?.();
    this.#resume?.();
  }

  get #isFull(): boolean {
    if (!this.#allFrames) return false;
    if (this.#waiting.length >= MAX_WAITING) return true;
    // A frame's buffer is larger than its picture.
    const bytes = this.#waiting.reduce((sum, { frame }) => sum + frame.jpeg.buffer.byteLength, 0);
    return bytes >= MAX_WAITING_BYTES;
  }

  /** Waits until some of the frames that wait are taken. */
  async #room(): Promise<void> {
    await new Promise<void>((resolve) => this.#resume = resolve);
    this.#resume = undefined;
    this.#silentSeconds = 0;
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        if (this.#isFull && !this.#ended) await this.#room();
        const count = await this.#connection.read(this.#reader.space());
        if (count === null) return this.end("The sender closed the connection");
        this.#silentSeconds = 0;
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
        this.end(
          this.#stream === undefined
            ? `What answers there is no camcat sender. ${error.message}`
            : `The sender broke the protocol. ${error.message}`,
        );
      } else if (error instanceof Deno.errors.UnexpectedEof) {
        this.end("The sender closed the connection"); // without saying so, as TLS asks to
      } else {
        this.end(`The connection broke: ${messageOf(error)}`);
      }
    }
  }

  #receiveFrame(frame: Frame): void {
    checkSize(frame.jpeg);
    const info = this.#info;
    this.#info = undefined;
    frame.seq = info?.seq ?? this.#lastSeq + 1;
    frame.time = info?.time ?? now();
    // A frame that waited is replaced, unless all are wanted; so are those the sender skipped.
    const skipped = this.#lastSeq < 0 ? 0 : Math.max(0, frame.seq - this.#lastSeq - 1);
    const replaced = this.#allFrames ? undefined : this.#waiting.pop();
    const dropped = skipped + (replaced === undefined ? 0 : replaced.dropped + 1);
    replaced?.frame.release();
    this.#lastSeq = frame.seq;
    const live = this.#stream?.live ?? true;
    const { offsetMs } = this.#clock;
    this.#waiting.push({
      frame,
      capturedAt: info && live && offsetMs !== undefined ? info.time - offsetMs : undefined,
      live,
      dropped,
    });
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
        this.#clock.ping(message.time, now());
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
        this.end(
          message.key === "needed"
            ? new KeyError("needed", "Cannot watch without the sender's key")
            : `The sender says: ${message.reason}`,
        );
        break;
    }
  }

  #tick(): void {
    // The answer to a ping would not be heard now, and would fill the sender's memory.
    if (this.#resume !== undefined) return;
    if (++this.#silentSeconds > SILENCE_SECONDS) {
      this.end(`The sender has said nothing for ${SILENCE_SECONDS} s`);
    } else if (this.#stream !== undefined) {
      this.#ping();
    }
  }

  #ping(): void {
    this.#outbox.control({ type: "ping", time: now() });
  }
}

/** A few bytes can claim to be a picture that no memory holds. */
function checkSize(jpeg: Uint8Array): void {
  const { width, height } = sizeOf(jpeg) ?? { width: 0, height: 0 };
  if (width * height > MAX_PIXELS) {
    throw new ProtocolError(
      `Cannot take a picture of ${width}x${height}: it must have at most ${MAX_PIXELS} pixels`,
    );
  }
}
