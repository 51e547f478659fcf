/**
 * One viewer that speaks the protocol, as the sender sees it.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { isControl, MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import type { Bye, Control } from "../protocol/control.ts";
import { FrameSender } from "./frame_sender.ts";
import { ProtocolError, wordsOf } from "../base/errors.ts";
import { WriteQueue } from "../protocol/write_queue.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import { wait } from "../base/abort.ts";
import { ReadBudget } from "../pacing/read_budget.ts";
import { within } from "../base/within.ts";
import type { FrameSink } from "./frame_sink.ts";
import type { ViewerEvents, ViewerOptions } from "./viewer_options.ts";

/** A new peer that has not said hello within this time gets raw frames. */
const GRACE_MS = 250;
/** How long a message may take from first to last byte. */
const MESSAGE_MS = 10_000;
/** How long a raw client may take no byte, in seconds. */
const STALL_SECONDS = 60;
/** How long a peer may take to read the bye before it is disconnected. */
const BYE_MS = 1000;

/**
 * Serves one connection. Its first bytes decide the kind of viewer: one that says hello is
 * told about the stream and acknowledges frames; a raw client, which says nothing, gets
 * lengths and JPEGs.
 */
export class Viewer implements FrameSink {
  #connection: Connection;
  #events: ViewerEvents;
  #writeQueue: WriteQueue;
  #frames: FrameSender;
  #reader = new MessageReader({ maxFrameBytes: 0 });
  #kind: "undecided" | "raw" | "acknowledging" | "leaving" = "undecided";
  /** Counted by ticks: no time passes while this machine sleeps. */
  #silentSeconds = 0;
  #budget = new ReadBudget();
  #closed = new AbortController();
  #hasSpoken = false;
  #messageSince: number | undefined;
  #refusal: string | undefined;
  #graceMs: number;
  #failure: unknown;

  /**
   * Serves `connection` once {@linkcode Viewer.run} is called.
   *
   * @param options what is special about this one
   */
  constructor(connection: Connection, events: ViewerEvents, options: ViewerOptions = {}) {
    this.#connection = connection;
    this.#events = events;
    this.#refusal = options.refusal;
    this.#graceMs = options.isRaw ? 0 : GRACE_MS;
    this.#writeQueue = new WriteQueue(connection, {
      idle: () => this.#frames.pump(),
      failed: (error) => this.#close(error),
    });
    this.#frames = new FrameSender(this.#writeQueue, events, options);
    if (options.refusal !== undefined) this.#frames.close();
  }

  /**
   * Reads the viewer's messages until the connection ends.
   *
   * @returns why it ended
   */
  async run(): Promise<string> {
    const grace = setTimeout(() => {
      if (this.#kind !== "undecided") return;
      if (this.#refusal !== undefined) return this.#close(this.#refusal);
      this.#kind = "raw";
      this.#frames.beginRaw();
    }, this.#graceMs);
    try {
      for (;;) {
        const count = await this.#connection.read(this.#reader.space());
        if (count === null) return this.#reason("closed by the viewer");
        this.#silentSeconds = 0;
        this.#hasSpoken = true;
        const messages = this.#reader.commit(count);
        if (messages.length > 0 || !this.#reader.midMessage) {
          this.#messageSince = undefined;
        }
        if (this.#reader.midMessage) this.#messageSince ??= now();
        for (const message of messages) {
          if (isControl(message)) this.#receive(message);
        }
        const pauseMs = this.#budget.take(count);
        if (pauseMs > 0) await wait(pauseMs, this.#closed.signal);
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        await this.#dismiss(error.message);
        return error.message;
      }
      // TLS reports a close without close_notify as an error; here it is an ordinary end.
      const isEnd = error instanceof Deno.errors.UnexpectedEof;
      return this.#reason(isEnd ? "closed by the viewer" : wordsOf(error));
    } finally {
      clearTimeout(grace);
      this.#close(undefined);
    }
  }

  /**
   * Resolves when the connection holds no descriptor any more. Deno 2.7 keeps the
   * descriptor of a closed connection while a write is pending.
   */
  get settled(): Promise<void> {
    return this.#writeQueue.settled;
  }

  /** Bytes of frames handed to the network. */
  get sentBytes(): number {
    return this.#frames.sentBytes;
  }

  /** Frames that gave way to newer ones before they could be sent. */
  get droppedFrames(): number {
    return this.#frames.droppedFrames;
  }

  get silentSeconds(): number {
    if (this.#kind === "acknowledging") return this.#silentSeconds;
    const since = this.#writeQueue.writingSince;
    return since === undefined ? 0 : Math.floor((performance.now() - since) / 1000);
  }

  /** Offers the newest frame. */
  offer(frame: EncodedFrame): void {
    this.#frames.offer(frame);
  }

  /** Tells the viewer that the stream has changed. */
  describe(): void {
    this.#frames.describe(this.#events.stream());
  }

  /** Does what is due about once a second: disconnects a viewer that is dead, pings the others. */
  tick(): void {
    const time = now();
    if (
      this.#messageSince !== undefined && time - this.#messageSince > MESSAGE_MS
    ) {
      this.#dismiss(
        `Cannot wait for the rest of a message: it must come within ${MESSAGE_MS / 1000} s`,
      );
    } else if (this.#kind === "acknowledging") {
      const silentMs = ++this.#silentSeconds * 1000;
      if (silentMs >= this.#frames.silenceMs) {
        this.#close(`silent for ${this.#silentSeconds} s`);
      } else this.#frames.tick(silentMs);
    } else if (this.silentSeconds > STALL_SECONDS) {
      this.#close(`took nothing for ${STALL_SECONDS} s`);
    }
  }

  /** Disconnects the viewer; one that wants every frame first drains its queue. */
  async leave(reason: string, patienceMs: number): Promise<void> {
    await this.#frames.finish(patienceMs);
    await this.#dismiss(reason);
  }

  /** Disconnects the viewer, after a bye with the reason if it speaks control messages. */
  async #dismiss(reason: string, key?: Bye["key"]): Promise<void> {
    if (this.#kind === "leaving") return;
    this.#kind = "leaving";
    this.#frames.close();
    if (this.#hasSpoken) {
      this.#writeQueue.control({ type: "bye", reason, ...(key === undefined ? {} : { key }) });
      await within(this.#writeQueue.settled, BYE_MS);
    }
    this.#close(reason);
  }

  #receive(message: Control): void {
    if (this.#kind === "leaving") return;
    switch (message.type) {
      case "hello":
        if (this.#kind === "acknowledging") break;
        if (this.#refusal !== undefined) {
          this.#dismiss(this.#refusal);
          break;
        }
        if (message.camera !== undefined && message.camera !== this.#events.stream().name) {
          this.#dismiss(`Too late to ask for the camera "${message.camera}"`);
          break;
        }
        this.#kind = "acknowledging";
        this.#frames.begin(message, this.#events.stream());
        break;
      case "adapt":
        this.#frames.adapt(message);
        break;
      case "list":
        this.#dismiss("Too late to ask for the cameras");
        break;
      case "secure":
        this.#dismiss("The viewer uses a key, and this sender is open (--open)", "not needed");
        break;
      case "ack":
        this.#frames.acked(message);
        break;
      case "taken":
        this.#frames.taken(message);
        break;
      case "ping":
        this.#writeQueue.pong(message.time);
        break;
      case "pong":
        this.#frames.pong(message);
        break;
      case "bye":
        this.#close(`said: ${message.reason}`);
        break;
    }
  }

  /** Why the connection ended: the first failure, or else `otherwise`. */
  #reason(otherwise: string): string {
    return this.#failure === undefined ? otherwise : wordsOf(this.#failure);
  }

  #close(reason: unknown): void {
    this.#failure ??= reason;
    this.#kind = "leaving";
    this.#closed.abort();
    this.#frames.close();
    closeQuietly(this.#connection);
  }
}
