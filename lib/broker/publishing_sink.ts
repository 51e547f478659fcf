/**
 * A viewer of a hub that passes the newest frames on to a broker.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import { Pacer } from "../pacing/pacer.ts";

/** What a {@linkcode PublishingSink} needs. */
export interface PublishingEvents {
  /** Publishes a frame, which is only valid until this returns. Resolves when the broker has taken it. */
  publish(frame: Frame): Promise<void>;
  /** Tells that the stream has become live or not live. */
  describe(): void;
}

/**
 * Holds one frame until the path to the broker is free; a newer one replaces it. The broker's
 * reply to a frame acknowledges it, and the same model as for viewers decides when the next may
 * leave. While there is no broker, the newest frame waits.
 */
export class PublishingSink implements FrameSink {
  /** Bytes of frames handed to the network. */
  sentBytes = 0;
  /** Frames replaced by newer ones. */
  droppedFrames = 0;
  /** A broker that does not answer loses its connection; this viewer stays. */
  readonly silentSeconds = 0;
  /** There is nothing to wait for. */
  readonly settled: Promise<void> = Promise.resolve();

  #events: PublishingEvents;
  #waiting = new LatestSlot<EncodedFrame>();
  #pacer = new Pacer();
  #sent = 0;
  #isUp = false;
  #left = Promise.withResolvers<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param events what it does with frames */
  constructor(events: PublishingEvents) {
    this.#events = events;
  }

  /** Bytes that the broker has not acknowledged. */
  get bytesInFlight(): number {
    return this.#pacer.bytesInFlight;
  }

  /** Begins on a new connection, whose round trip is this; undefined: there is none. */
  connect(roundTripMs: number | undefined): void {
    this.#pacer = new Pacer();
    this.#pacer.roundTripMs = roundTripMs;
    this.#isUp = roundTripMs !== undefined;
    this.#pump();
  }

  /** Follows the round trip of the connection. */
  measured(roundTripMs: number | undefined): void {
    this.#pacer.roundTripMs = roundTripMs;
  }

  async run(): Promise<string> {
    const reason = await this.#left.promise;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    return reason;
  }

  offer(encoded: EncodedFrame): void {
    this.#pacer.offered(now());
    if (this.#waiting.put(encoded)) this.droppedFrames++;
    this.#pump();
  }

  describe(): void {
    this.#events.describe();
  }

  tick(): void {}

  leave(reason: string): Promise<void> {
    this.#left.resolve(reason);
    return Promise.resolve();
  }

  #pump(): void {
    if (!this.#isUp || this.#waiting.item === undefined) return;
    const time = now();
    const freeAt = this.#pacer.freeAt();
    if (freeAt > time) {
      if (freeAt !== Infinity) this.#pumpAt(freeAt - time);
      return;
    }
    const { frame } = this.#waiting.take()!;
    this.#send(frame, this.#pacer);
  }

  async #send(frame: Frame, pacer: Pacer): Promise<void> {
    const number = ++this.#sent;
    const { time, jpeg: { length } } = frame;
    pacer.sent(number, length, time, now());
    this.sentBytes += length;
    const published = this.#events.publish(frame);
    frame.release();
    try {
      await published;
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      this.droppedFrames++; // refused, or the connection has ended; the next one begins anew
    }
    pacer.acked(number, now());
    this.#pump();
  }

  #pumpAt(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pump();
    }, delayMs);
  }
}
