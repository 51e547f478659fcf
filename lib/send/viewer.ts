/**
 * One viewer, as the sender sees it.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import type { Bye, Control, Stream } from "../protocol/control.ts";
import { FrameSender, type FrameSenderEvents } from "./frame_sender.ts";
import { ProtocolError, wordsOf } from "../base/errors.ts";
import { Frame } from "../jpeg/frame.ts";
import { WriteQueue } from "../protocol/write_queue.ts";
import type { EncodedFrame } from "./encoded_frame.ts";

/** How long a new peer may take to say hello before it gets bare frames. */
const GRACE_MS = 250;
/** How long a message may take from its first byte to its last. */
const MESSAGE_MS = 10_000;
/** How long a viewer that has to answer pings, or to take bytes, may do neither. */
const SILENCE_MS = 60_000;
/** How long a refused peer is given to take the reason. */
const BYE_MS = 1000;

/** What a {@linkcode Viewer} tells and asks its owner. */
export interface ViewerEvents extends FrameSenderEvents {
  /** What the viewer is to be told of the stream. */
  stream(): Stream;
}

/** Options of {@linkcode Viewer}. */
export interface ViewerOptions {
  /** If given, the peer is told this and let go. */
  refusal?: string;
  /** Whether it was given time to say hello before, and said nothing. @default {false} */
  isSilent?: boolean;
}

/**
 * Serves one connection. What kind of viewer it is shows in its first bytes: one that
 * says hello is told about the stream and acknowledges frames, one that stays silent
 * gets lengths and JPEGs.
 */
export class Viewer {
  #connection: Connection;
  #events: ViewerEvents;
  #outbox: WriteQueue;
  #delivery: FrameSender;
  #reader = new MessageReader({ maxFrameBytes: 0 });
  #kind: "undecided" | "bare" | "acknowledging" | "leaving" = "undecided";
  #heardAt = now();
  #hasSpoken = false;
  #messageSince: number | undefined;
  #refusal: string | undefined;
  #graceMs: number;
  #failure: unknown;

  /**
   * Serves `connection` once {@linkcode Viewer.run} is called.
   *
   * @param options what is special about it
   */
  constructor(connection: Connection, events: ViewerEvents, options: ViewerOptions = {}) {
    this.#connection = connection;
    this.#events = events;
    this.#refusal = options.refusal;
    this.#graceMs = options.isSilent ? 0 : GRACE_MS;
    this.#outbox = new WriteQueue(connection, {
      idle: () => this.#delivery.pump(),
      failed: (error) => this.#close(error),
    });
    this.#delivery = new FrameSender(this.#outbox, events);
    if (options.refusal !== undefined) this.#delivery.close();
  }

  /**
   * Reads what the viewer says until the connection ends.
   *
   * @returns why it ended
   */
  async run(): Promise<string> {
    const grace = setTimeout(() => {
      if (this.#kind !== "undecided") return;
      if (this.#refusal !== undefined) return this.#close(this.#refusal);
      this.#kind = "bare";
      this.#delivery.beginBare();
    }, this.#graceMs);
    try {
      for (;;) {
        const count = await this.#connection.read(this.#reader.space());
        if (count === null) return this.#reason("closed by the viewer");
        this.#heardAt = now();
        this.#hasSpoken = true;
        const messages = this.#reader.commit(count);
        if (messages.length > 0 || !this.#reader.midMessage) {
          this.#messageSince = undefined;
        }
        if (this.#reader.midMessage) this.#messageSince ??= this.#heardAt;
        for (const message of messages) {
          if (!(message instanceof Frame)) this.#receive(message);
        }
      }
    } catch (error) {
      if (error instanceof ProtocolError) {
        await this.#dismiss(error.message);
        return error.message;
      }
      // With TLS, closing without saying so is an error; here it means nothing more.
      const isEnd = error instanceof Deno.errors.UnexpectedEof;
      return this.#reason(isEnd ? "closed by the viewer" : wordsOf(error));
    } finally {
      clearTimeout(grace);
      this.#close(undefined);
    }
  }

  /**
   * Resolves when nothing of the connection is left. Deno 2.7 keeps its
   * descriptor while a write is pending, even after it was closed.
   */
  get settled(): Promise<void> {
    return this.#outbox.settled;
  }

  /** Bytes of frames handed to the network. */
  get sentBytes(): number {
    return this.#delivery.sentBytes;
  }

  /** Frames that gave way to newer ones before they could be sent. */
  get droppedFrames(): number {
    return this.#delivery.droppedFrames;
  }

  /** Puts the newest frame before the viewer. */
  offer(packet: EncodedFrame): void {
    this.#delivery.offer(packet);
  }

  /** Tells the viewer of a change of the stream. */
  describe(): void {
    this.#delivery.describe(this.#events.stream());
  }

  /** Does what is due about once a second: looks for the dead, above all. */
  tick(): void {
    const time = now();
    if (
      this.#messageSince !== undefined && time - this.#messageSince > MESSAGE_MS
    ) {
      this.#dismiss(
        `Cannot wait for the rest of a message: it must come within ${MESSAGE_MS / 1000} s`,
      );
    } else if (this.#kind === "acknowledging") {
      if (time - this.#heardAt > SILENCE_MS) {
        this.#close(`silent for ${SILENCE_MS / 1000} s`);
      } else this.#delivery.tick();
    } else if (
      this.#outbox.writingSince !== undefined &&
      performance.now() - this.#outbox.writingSince > SILENCE_MS
    ) {
      this.#close(`took nothing for ${SILENCE_MS / 1000} s`);
    }
  }

  /** Ends the connection; a viewer that wants every frame gets those that wait first. */
  async leave(reason: string, patienceMs: number): Promise<void> {
    await this.#delivery.finish(patienceMs);
    await this.#dismiss(reason);
  }

  /** Says why, if the viewer can understand it, and ends the connection. */
  async #dismiss(reason: string, key?: Bye["key"]): Promise<void> {
    if (this.#kind === "leaving") return;
    this.#kind = "leaving";
    this.#delivery.close();
    if (this.#hasSpoken) {
      this.#outbox.control({ type: "bye", reason, ...(key === undefined ? {} : { key }) });
      let timer;
      await Promise.race([
        this.#outbox.settled,
        new Promise((resolve) => timer = setTimeout(resolve, BYE_MS)),
      ]);
      clearTimeout(timer);
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
        this.#delivery.begin(message, this.#events.stream());
        break;
      case "list":
        this.#dismiss("Too late to ask for the cameras");
        break;
      case "secure":
        this.#dismiss("The viewer uses a key, and this sender is open (--open)", "not needed");
        break;
      case "ack":
        this.#delivery.acked(message.seq);
        break;
      case "ping":
        this.#outbox.control({
          type: "pong",
          time: message.time,
          clock: now(),
        });
        break;
      case "pong":
        this.#delivery.pong(message);
        break;
      case "bye":
        this.#close(`said: ${message.reason}`);
        break;
    }
  }

  /** Why the connection ended: what was noted first, or else `otherwise`. */
  #reason(otherwise: string): string {
    return this.#failure === undefined ? otherwise : wordsOf(this.#failure);
  }

  #close(reason: unknown): void {
    this.#failure ??= reason;
    this.#kind = "leaving";
    this.#delivery.close();
    closeQuietly(this.#connection);
  }
}
