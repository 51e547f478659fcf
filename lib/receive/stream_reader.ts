/**
 * The receiver's end of one connection to a sender.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { defined } from "../base/defined.ts";
import { CamcatError, KeyError, messageOf, ProtocolError } from "../base/errors.ts";
import { Frame, MAX_FRAME_BYTES, MAX_PIXELS } from "../jpeg/frame.ts";
import { ClockSync, SAMPLES_BEHIND_QUEUES } from "../protocol/clock_sync.ts";
import { MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import {
  type Control,
  type FrameInfo,
  PROTOCOL_VERSION,
  type Stream,
} from "../protocol/control.ts";
import { WriteQueue } from "../protocol/write_queue.ts";
import { MessageBudget } from "./message_budget.ts";
import {
  captureTime,
  type ReceivedFrame,
  receivedSound,
  type ReceiveEvent,
  streamEvent,
} from "./received.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import { AdaptingViewer } from "./adaptation.ts";
import { checkPicture } from "./check_picture.ts";
import type { StreamReaderOptions } from "./stream_reader_options.ts";
import { ReceivedQueue } from "./received_queue.ts";
import { Silence, TICK_MS } from "./silence.ts";
import { Taking } from "./taking.ts";

/** Time between two pings, in milliseconds. */
const PING_MS = 1000;

/**
 * Reads a connection continuously, keeps the newest frame until the caller asks for it, and
 * answers pings. If every frame is wanted, it lets TCP hold the sender back while enough wait.
 */
export class StreamReader {
  /** Why the connection ended. */
  failure: CamcatError = new CamcatError("Cannot continue: the connection was closed");

  #connection: Connection;
  #onEvent: ((event: ReceiveEvent) => void) | undefined;
  #onSound: StreamReaderOptions["onSound"];
  #taken: Taking | undefined;
  #writeQueue: WriteQueue;
  #reader: MessageReader;
  #clock: ClockSync;
  #stream: Stream | undefined;
  #info: FrameInfo | undefined;
  #maxPixels: number;
  #isNamed: boolean;
  #frames: ReceivedQueue;
  #lastSeq = -1;
  #adapting: AdaptingViewer | undefined;
  #ended = false;
  #budget = new MessageBudget();
  #silence = new Silence();
  #isSilent = false;
  #ticks = 0;
  #timer: ReturnType<typeof setTimeout>;

  /** Says hello and begins to read. */
  constructor(
    connection: Connection,
    {
      camera,
      allFrames = false,
      maxFrameBytes = MAX_FRAME_BYTES,
      maxPixels = MAX_PIXELS,
      ...options
    }: StreamReaderOptions,
  ) {
    this.#maxPixels = maxPixels;
    this.#isNamed = camera !== undefined;
    this.#connection = connection;
    this.#onEvent = options.onEvent;
    this.#onSound = options.onSound;
    if (options.adapt && !allFrames) this.#adapting = new AdaptingViewer(options.adapt);
    this.#frames = new ReceivedQueue(allFrames);
    this.#clock = new ClockSync(allFrames ? SAMPLES_BEHIND_QUEUES : undefined);
    this.#reader = new MessageReader({ maxFrameBytes, sound: options.onSound !== undefined });
    this.#writeQueue = new WriteQueue(connection, {
      failed: (error) => {
        // When the connection is broken, frames that came before its end may still be read.
        if (error instanceof ProtocolError) this.end(error.message);
      },
    });
    this.#writeQueue.control({
      type: "hello",
      version: PROTOCOL_VERSION,
      ...(camera === undefined ? {} : { camera }),
      ...(allFrames ? { frames: "all" } : {}),
      heartbeat: true,
      ...defined({ adapt: this.#adapting?.told }),
      ...(options.onSound === undefined ? {} : { sound: true }),
    });
    if (options.onSound !== undefined) this.#taken = new Taking(this.#writeQueue);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#read();
  }

  /** Resolves with the next frame, or with undefined after the last. */
  next(): Promise<ReceivedFrame | undefined> {
    return this.#frames.next();
  }

  /** Acknowledges a frame that has been displayed, and tells how long that took. */
  acknowledge(seq: number): void {
    if (this.#stream === undefined || this.#ended) return;
    const held = this.#adapting?.held(seq) ?? 0;
    this.#writeQueue.control({ type: "ack", seq, held });
  }

  /** Ends the connection. The first reason given becomes {@linkcode failure}. */
  end(reason?: string | CamcatError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (reason !== undefined) {
      this.failure = typeof reason === "string" ? new CamcatError(reason) : reason;
    }
    clearInterval(this.#timer);
    closeQuietly(this.#connection);
    this.#frames.end();
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        if (this.#frames.isFull) {
          await this.#frames.room();
          this.#silence.heard();
        }
        const count = await this.#connection.read(this.#reader.space());
        if (count === null) return this.end("The sender closed the connection");
        this.#heard();
        for (const message of this.#reader.commit(count)) {
          if (message instanceof Frame) this.#receiveFrame(message);
          else this.#receive(message);
        }
        this.#taken?.tell(this.#reader.takenBytes);
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        if (this.#stream !== undefined) {
          this.#writeQueue.control({ type: "bye", reason: error.message });
        }
        this.end(
          this.#stream === undefined
            ? `What answers there is not a camcat sender. ${error.message}`
            : `The sender broke the protocol. ${error.message}`,
        );
      } else if (error instanceof Deno.errors.UnexpectedEof) {
        this.end("The sender closed the connection"); // without the close_notify of TLS
      } else {
        this.end(`The connection broke: ${messageOf(error)}`);
      }
    }
  }

  #receiveFrame(frame: Frame): void {
    if (this.#isNamed && this.#stream === undefined) return frame.release(); // perhaps another's
    checkPicture(frame, this.#maxPixels);
    if (this.#stream === undefined && this.#lastSeq < 0) this.#onEvent?.({ type: "heard" });
    this.#silence.frame();
    const info = this.#info;
    this.#info = undefined;
    frame.seq = info?.seq ?? this.#lastSeq + 1;
    frame.time = info?.time ?? now();
    const skipped = this.#lastSeq < 0 ? 0 : Math.max(0, frame.seq - this.#lastSeq - 1);
    this.#lastSeq = frame.seq;
    this.#adapting?.arrived(frame.seq);
    const live = this.#stream?.live ?? true;
    this.#frames.put({
      frame,
      capturedAt: info && live ? captureTime(info.time, this.#clock.offsetMs) : undefined,
      live,
      dropped: skipped,
      clockOffsetMs: info && this.#clock.roughOffsetMs,
    });
  }

  #receive(message: Control | SoundPacket): void {
    // A description of a frame belongs to it: there may be as many as frames.
    if (message.type !== "frame" || this.#info !== undefined) this.#budget.spend(message);
    switch (message.type) {
      case "sound":
        this.#onSound?.(receivedSound(message, this.#clock.offsetMs));
        break;
      case "stream":
        if (this.#stream === undefined) this.#ping();
        this.#silence.answersPings = true;
        this.#stream = message;
        this.#onEvent?.(streamEvent(message));
        break;
      case "frame":
        this.#info = message;
        break;
      case "ping":
        this.#clock.ping(message.time, now());
        this.#writeQueue.control({ type: "pong", time: message.time, clock: now() });
        break;
      case "pong":
        this.#clock.pong(message.time, message.clock, now());
        break;
      case "bye":
        this.end(
          message.key === "needed"
            ? new KeyError("needed", "Cannot watch without the sender's key", message)
            : `The sender says: ${message.reason}`,
        );
        break;
    }
  }

  #tick(): void {
    this.#budget.pass(TICK_MS);
    const isPingDue = ++this.#ticks % (PING_MS / TICK_MS) === 0;
    if (this.#frames.isBlocking) { // nothing is read: answers to pings would fill the sender's memory
      if (isPingDue) this.#writeQueue.pong(0); // a heartbeat, as in RFC 6455 section 5.5.3
      return;
    }
    this.#silence.tick();
    if (this.#silence.isHopeless) {
      return this.end(`The sender has been silent for ${this.#silence.limitSeconds} s`);
    }
    if (this.#silence.isLong && !this.#isSilent) {
      this.#isSilent = true;
      this.#onEvent?.({ type: "silent", reason: "The sender does not answer" });
    }
    if (!isPingDue || this.#stream === undefined) return;
    this.#ping();
    const wishes = this.#adapting?.changed();
    if (wishes !== undefined) this.#writeQueue.control({ type: "adapt", ...wishes });
  }

  #heard(): void {
    this.#silence.heard();
    if (this.#isSilent) this.#onEvent?.({ type: "heard" });
    this.#isSilent = false;
  }

  #ping = () => this.#writeQueue.control({ type: "ping", time: now() });
}
