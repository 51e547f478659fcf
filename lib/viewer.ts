/**
 * One viewer, as the sender sees it.
 *
 * @module
 */

import { ClockSync, now } from "./clock.ts";
import { MessageReader } from "./codec.ts";
import { closeQuietly, type Connection } from "./connection.ts";
import { type Bye, type Control, PROTOCOL_VERSION, type Stream } from "./control.ts";
import { messageOf, ProtocolError } from "./errors.ts";
import { Frame } from "./frame.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import type { Packet } from "./packet.ts";

/** How long a new peer may take to say hello before it gets bare frames. */
const GRACE_MS = 250;
/** How long a message may take from its first byte to its last. */
const MESSAGE_MS = 10_000;
/** How long a viewer that has to answer pings, or to take bytes, may do neither. */
const SILENCE_MS = 60_000;
/** How long a refused peer is given to take the reason. */
const BYE_MS = 1000;

/** What a {@linkcode Viewer} tells and asks its owner. */
export interface ViewerEvents {
  /** What the viewer is to be told of the stream. */
  stream(): Stream;
  /** A live frame went to the display `latencyMs` after its capture. */
  shown(latencyMs: number): void;
}

/** Options of {@linkcode Viewer}. */
export interface ViewerOptions {
  /** If given, the peer is told this and let go. */
  refusal?: string;
  /** Whether it was given time to say hello before, and said nothing. @default {false} */
  isSilent?: boolean;
}

/**
 * Serves one connection. It holds at most one frame that waits; a newer one
 * takes its place. What kind of viewer it is shows in its first bytes: one that
 * says hello is told about the stream and acknowledges frames, one that stays
 * silent gets lengths and JPEGs.
 */
export class Viewer {
  /** Frames, and bytes of them, handed to the network. */
  sentFrames = 0;
  /** See {@linkcode Viewer.sentFrames}. */
  sentBytes = 0;
  /** Frames replaced by newer ones before they could be sent. */
  droppedFrames = 0;

  #connection: Connection;
  #events: ViewerEvents;
  #outbox: Outbox;
  #reader = new MessageReader({ maxFrameBytes: 0 });
  #kind: "undecided" | "bare" | "acknowledging" | "leaving" = "undecided";
  #version = PROTOCOL_VERSION;
  #next: Packet | undefined;
  #link = new Link();
  #clock = new ClockSync();
  #pingedAt: number | undefined;
  #heardAt = now();
  #hasSpoken = false;
  #messageSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
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
    this.#outbox = new Outbox(connection, {
      idle: () => this.#pump(),
      failed: (error) => this.#close(error),
    });
  }

  /**
   * Reads what the viewer says until the connection ends.
   *
   * @returns why it ended
   */
  async run(): Promise<string> {
    const grace = setTimeout(() => {
      if (this.#kind !== "undecided") return;
      this.#kind = "bare";
      if (this.#refusal === undefined) this.#pump();
      else this.#close(this.#refusal);
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
        await this.leave(error.message);
        return error.message;
      }
      // With TLS, closing without saying so is an error; here it means nothing more.
      const isEnd = error instanceof Deno.errors.UnexpectedEof;
      return this.#reason(isEnd ? "closed by the viewer" : messageOf(error));
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

  /** Puts the newest frame before the viewer, in the place of one that still waits. */
  offer(packet: Packet): void {
    if (this.#kind === "leaving" || this.#refusal !== undefined) return;
    if (this.#kind !== "bare") this.#link.offered(now());
    if (this.#next !== undefined) {
      this.#next.frame.release();
      this.droppedFrames++;
    }
    packet.frame.retain();
    this.#next = packet;
    this.#pump();
  }

  /** Tells the viewer of a change of the stream. */
  describe(): void {
    if (this.#kind === "acknowledging") {
      this.#outbox.control({
        ...this.#events.stream(),
        version: this.#version,
      });
    }
  }

  /** Does what is due about once a second: measures the round trip, looks for the dead. */
  tick(): void {
    const time = now();
    if (
      this.#messageSince !== undefined && time - this.#messageSince > MESSAGE_MS
    ) {
      this.leave(
        `Cannot wait for the rest of a message: it must come within ${MESSAGE_MS / 1000} s`,
      );
    } else if (this.#kind === "acknowledging") {
      if (time - this.#heardAt > SILENCE_MS) {
        this.#close(`silent for ${SILENCE_MS / 1000} s`);
      } else this.#ping();
    } else if (
      this.#outbox.writingSince !== undefined &&
      performance.now() - this.#outbox.writingSince > SILENCE_MS
    ) {
      this.#close(`took nothing for ${SILENCE_MS / 1000} s`);
    }
  }

  /** Says why, if the viewer can understand it, and ends the connection. */
  async leave(reason: string, key?: Bye["key"]): Promise<void> {
    if (this.#kind === "leaving") return;
    this.#kind = "leaving";
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
          this.leave(this.#refusal);
          break;
        }
        if (message.camera !== undefined && message.camera !== this.#events.stream().name) {
          this.leave(`Too late to ask for the camera "${message.camera}"`);
          break;
        }
        this.#kind = "acknowledging";
        this.#version = Math.min(message.version, PROTOCOL_VERSION);
        this.describe();
        this.#ping();
        this.#pump();
        break;
      case "list":
        this.leave("Too late to ask for the cameras");
        break;
      case "secure":
        this.leave("The viewer uses a key, and this sender is open (--open)", "not needed");
        break;
      case "ack": {
        const time = now();
        const captured = this.#link.acked(message.seq, time);
        if (captured !== undefined && !Number.isNaN(captured)) {
          this.#events.shown(
            time - captured - (this.#clock.roundTripMs ?? 0) / 2,
          );
        }
        this.#pump();
        break;
      }
      case "ping":
        this.#outbox.control({
          type: "pong",
          time: message.time,
          clock: now(),
        });
        break;
      case "pong":
        if (message.time !== this.#pingedAt) break;
        this.#pingedAt = undefined;
        this.#clock.pong(message.time, message.clock, now());
        this.#link.roundTripMs = this.#clock.roundTripMs;
        break;
      case "bye":
        this.#close(`said: ${message.reason}`);
        break;
    }
  }

  #ping(): void {
    if (this.#pingedAt !== undefined) return; // the answer is still on its way
    this.#pingedAt = now();
    this.#outbox.control({ type: "ping", time: this.#pingedAt });
  }

  /** Sends the frame that waits, if it may leave now. */
  #pump(): void {
    const packet = this.#next;
    if (packet === undefined || !this.#outbox.idle) return;
    if (this.#kind === "acknowledging") {
      const time = now();
      const freeAt = this.#link.freeAt();
      if (freeAt > time) {
        if (freeAt !== Infinity) this.#pumpAt(freeAt - time);
        return;
      }
      const { seq, jpeg } = packet.frame;
      this.#link.sent(
        seq,
        jpeg.length,
        packet.live ? packet.frame.time : NaN,
        time,
      );
    } else if (this.#kind !== "bare") {
      return;
    }
    this.#next = undefined;
    this.sentFrames++;
    this.sentBytes += packet.frame.jpeg.length;
    this.#outbox.frame(
      this.#kind === "bare" ? packet.bare : packet.described,
      () => packet.frame.release(),
    );
  }

  #pumpAt(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, delayMs);
  }

  /** Why the connection ended: what was noted first, or else `otherwise`. */
  #reason(otherwise: string): string {
    return this.#failure === undefined ? otherwise : messageOf(this.#failure);
  }

  #close(reason: unknown): void {
    this.#failure ??= reason;
    this.#kind = "leaving";
    this.#next?.frame.release();
    this.#next = undefined;
    clearTimeout(this.#timer);
    closeQuietly(this.#connection);
  }
}
