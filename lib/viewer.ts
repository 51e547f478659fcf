/**
 * One viewer, as the sender sees it.
 *
 * @module
 */

import { ClockSync, now, SAMPLES_BEHIND_QUEUES } from "./clock.ts";
import { MessageReader } from "./codec.ts";
import { closeQuietly, type Connection } from "./connection.ts";
import { type Bye, type Control, type Hello, PROTOCOL_VERSION, type Stream } from "./control.ts";
import { messageOf, ProtocolError } from "./errors.ts";
import { Frame } from "./frame.ts";
import { Link } from "./link.ts";
import { Outbox } from "./outbox.ts";
import type { Packet } from "./packet.ts";
import { EveryFrame, NewestFrame, type Waiting } from "./waiting.ts";

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
  /** The viewer wants every frame, and has lost `frames` since this was called last. */
  behind(frames: number): void;
}

/** Options of {@linkcode Viewer}. */
export interface ViewerOptions {
  /** If given, the peer is told this and let go. */
  refusal?: string;
  /** Whether it was given time to say hello before, and said nothing. @default {false} */
  isSilent?: boolean;
}

/**
 * Serves one connection. It holds at most one frame that waits, and a newer one
 * takes its place, unless the viewer wants every frame. What kind of viewer it is
 * shows in its first bytes: one that says hello is told about the stream and
 * acknowledges frames, one that stays silent gets lengths and JPEGs.
 */
export class Viewer {
  /** Frames, and bytes of them, handed to the network. */
  sentFrames = 0;
  /** See {@linkcode Viewer.sentFrames}. */
  sentBytes = 0;
  /** Frames that gave way to newer ones before they could be sent. */
  droppedFrames = 0;

  #connection: Connection;
  #events: ViewerEvents;
  #outbox: Outbox;
  #reader = new MessageReader({ maxFrameBytes: 0 });
  #kind: "undecided" | "bare" | "acknowledging" | "leaving" = "undecided";
  #version = PROTOCOL_VERSION;
  #waiting: Waiting = new NewestFrame();
  #takesFrames: boolean;
  #told: Stream | undefined;
  #drained: (() => void) | undefined;
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
    this.#takesFrames = options.refusal === undefined;
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
        await this.#dismiss(error.message);
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

  /** Puts the newest frame before the viewer. */
  offer(packet: Packet): void {
    if (!this.#takesFrames) return;
    if (this.#kind !== "bare") this.#link.offered(now());
    this.droppedFrames += this.#waiting.put(packet);
    this.#pump();
  }

  /** Tells the viewer of a change of the stream. */
  describe(): void {
    // One that wants every frame is told between those before and after the change.
    if (this.#kind === "acknowledging" && !this.#waiting.keepsAll) {
      this.#tell(this.#events.stream());
    }
  }

  /** Does what is due about once a second: measures the round trip, looks for the dead. */
  tick(): void {
    const time = now();
    this.#tellLost(time);
    if (
      this.#messageSince !== undefined && time - this.#messageSince > MESSAGE_MS
    ) {
      this.#dismiss(
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

  /** Ends the connection; a viewer that wants every frame gets those that wait first. */
  async leave(reason: string, patienceMs: number): Promise<void> {
    this.#takesFrames = false;
    if (this.#kind === "acknowledging" && this.#waiting.keepsAll) await this.#drain(patienceMs);
    await this.#dismiss(reason);
  }

  /** Gives the viewer time to take what waits and what is on its way; the rest is lost. */
  async #drain(patienceMs: number): Promise<void> {
    let timer;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
      this.#drained = resolve;
      this.#lookDrained();
    });
    clearTimeout(timer);
    const missed = this.#waiting.clear();
    this.droppedFrames += missed;
    if (missed > 0) this.#events.behind(missed);
  }

  /** It has all when it has acknowledged all: what it says after a close could undo the rest. */
  #lookDrained(): void {
    if (this.#waiting.first === undefined && this.#link.inFlight === 0) this.#drained?.();
  }

  /** Says why, if the viewer can understand it, and ends the connection. */
  async #dismiss(reason: string, key?: Bye["key"]): Promise<void> {
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
          this.#dismiss(this.#refusal);
          break;
        }
        if (message.camera !== undefined && message.camera !== this.#events.stream().name) {
          this.#dismiss(`Too late to ask for the camera "${message.camera}"`);
          break;
        }
        this.#welcome(message);
        break;
      case "list":
        this.#dismiss("Too late to ask for the cameras");
        break;
      case "secure":
        this.#dismiss("The viewer uses a key, and this sender is open (--open)", "not needed");
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
        this.#lookDrained();
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

  #welcome({ version, frames }: Hello): void {
    this.#kind = "acknowledging";
    this.#version = Math.min(version, PROTOCOL_VERSION);
    if (frames === "all") {
      this.#clock = new ClockSync(SAMPLES_BEHIND_QUEUES);
      const first = this.#waiting.take();
      this.#waiting = new EveryFrame();
      if (first !== undefined) this.#waiting.put(first);
      first?.frame.release();
    }
    this.#tell(this.#events.stream());
    this.#ping();
    this.#pump();
  }

  #tell(stream: Stream): void {
    this.#told = stream;
    this.#outbox.control({ ...stream, version: this.#version });
  }

  #tellLost(time: number): void {
    const frames = this.#waiting.untold(time);
    if (frames > 0) this.#events.behind(frames);
  }

  #ping(): void {
    if (this.#pingedAt !== undefined) return; // the answer is still on its way
    this.#pingedAt = now();
    this.#outbox.control({ type: "ping", time: this.#pingedAt });
  }

  /** Sends the first frame that waits, if it may leave now. */
  #pump(): void {
    const packet = this.#waiting.first;
    if (packet === undefined || !this.#outbox.idle) return;
    if (this.#kind === "acknowledging") {
      if (this.#waiting.keepsAll && packet.stream !== this.#told) {
        return this.#tell(packet.stream); // and go on when that is written
      }
      const time = now();
      const freeAt = this.#waiting.freeAt(this.#link);
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
    this.#waiting.take();
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
    this.#takesFrames = false;
    this.#tellLost(Infinity);
    this.#waiting.clear();
    this.#drained?.();
    clearTimeout(this.#timer);
    closeQuietly(this.#connection);
  }
}
