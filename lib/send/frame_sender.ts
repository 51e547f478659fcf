/**
 * Frames on their way to one viewer.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { RoundTrip, SAMPLES_BEHIND_QUEUES } from "../protocol/clock_sync.ts";
import { type Hello, type Pong, PROTOCOL_VERSION, type Stream } from "../protocol/control.ts";
import { Pacer } from "./pacer.ts";
import type { WriteQueue } from "../protocol/write_queue.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import { EveryFrameQueue, LatestFrameQueue, type SendQueue } from "./send_queue.ts";

/** What a {@linkcode FrameSender} tells its owner. */
export interface FrameSenderEvents {
  /** A live frame went to the display `latencyMs` after its capture. */
  shown(latencyMs: number): void;
  /** The viewer wants every frame, and has lost `frames` since this was called last. */
  behind(frames: number): void;
}

/**
 * Gives one viewer its frames, each when it may leave: to one that acknowledges, when the
 * way to it is about to be free; to one that says nothing, when the one before is written.
 * It holds at most one frame that waits, and a newer one takes its place, unless the
 * viewer wants every frame.
 */
export class FrameSender {
  /** Bytes of frames handed to the network. */
  sentBytes = 0;
  /** Frames that gave way to newer ones before they could be sent. */
  droppedFrames = 0;

  #outbox: WriteQueue;
  #events: FrameSenderEvents;
  /** Frames may wait before it is known how they are to be sent. */
  #kind: "undecided" | "bare" | "acknowledged" = "undecided";
  #takesFrames = true;
  #version = PROTOCOL_VERSION;
  #waiting: SendQueue = new LatestFrameQueue();
  #told: Stream | undefined;
  #link = new Pacer();
  #roundTrip = new RoundTrip();
  #pingedAt: number | undefined;
  #isPingDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drained: (() => void) | undefined;

  /** Sends by `outbox`, whose owner calls {@linkcode FrameSender.pump} when it is idle. */
  constructor(outbox: WriteQueue, events: FrameSenderEvents) {
    this.#outbox = outbox;
    this.#events = events;
  }

  /** Begins to send frames and nothing else. */
  beginBare(): void {
    this.#kind = "bare";
    this.pump();
  }

  /** Begins to send what a viewer gets that has said hello. */
  begin({ version, frames }: Hello, stream: Stream): void {
    this.#kind = "acknowledged";
    this.#version = Math.min(version, PROTOCOL_VERSION);
    if (frames === "all") {
      this.#roundTrip = new RoundTrip(SAMPLES_BEHIND_QUEUES);
      const first = this.#waiting.take();
      this.#waiting = new EveryFrameQueue();
      if (first !== undefined) this.#waiting.put(first);
      first?.frame.release();
    }
    this.#tell(stream);
    this.#ping();
    this.pump();
  }

  /** Puts the newest frame before the viewer. */
  offer(packet: EncodedFrame): void {
    if (!this.#takesFrames) return;
    if (this.#kind !== "bare") this.#link.offered(now());
    this.droppedFrames += this.#waiting.put(packet);
    this.pump();
  }

  /** Tells the viewer of a change of the stream, if it can understand it. */
  describe(stream: Stream): void {
    // One that wants every frame is told between those before and after the change.
    if (this.#kind === "acknowledged" && !this.#waiting.keepsAll) this.#tell(stream);
  }

  /** Takes note that a frame has gone to the display. */
  acked(seq: number): void {
    const time = now();
    const captured = this.#link.acked(seq, time);
    if (captured !== undefined && !Number.isNaN(captured)) {
      this.#events.shown(time - captured - (this.#roundTrip.ms ?? 0) / 2);
    }
    this.pump();
    this.#lookDrained();
  }

  /** Takes in the answer to a ping. */
  pong({ time }: Pong): void {
    if (time !== this.#pingedAt) return;
    this.#pingedAt = undefined;
    this.#roundTrip.answered(time, now());
    this.#link.roundTripMs = this.#roundTrip.ms;
  }

  /** Does what is due about once a second, if frames are acknowledged. */
  tick(): void {
    this.#tellLost(now());
    // Behind frames a ping would measure them: it goes before the next one, when they are gone.
    if (this.#isPingDue || this.#link.inFlight === 0) this.#ping();
    else this.#isPingDue = true;
  }

  /** Sends the first frame that waits, if it may leave now. */
  pump(): void {
    const packet = this.#waiting.first;
    if (packet === undefined || !this.#outbox.idle || this.#kind === "undecided") return;
    if (this.#kind === "acknowledged") {
      if (this.#waiting.keepsAll && packet.stream !== this.#told) {
        return this.#tell(packet.stream); // and go on when that is written
      }
      const time = now();
      const freeAt = this.#waiting.freeAt(this.#link, this.#isPingDue);
      if (freeAt > time) {
        if (freeAt !== Infinity) this.#pumpAt(freeAt - time);
        return;
      }
      if (this.#isPingDue && this.#ping()) return; // and go on when that is written
      const { seq, jpeg } = packet.frame;
      this.#link.sent(seq, jpeg.length, packet.live ? packet.frame.time : NaN, time);
    }
    this.#waiting.take();
    this.sentBytes += packet.frame.jpeg.length;
    this.#outbox.frame(
      this.#kind === "bare" ? packet.bare : packet.described,
      () => packet.frame.release(),
    );
  }

  /**
   * Takes no more frames; gives a viewer that wants every one time to take those that
   * wait or are on their way. The rest is lost.
   */
  async finish(patienceMs: number): Promise<void> {
    this.#takesFrames = false;
    if (this.#kind !== "acknowledged" || !this.#waiting.keepsAll) return;
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

  /** Lets go of what waits. */
  close(): void {
    this.#takesFrames = false;
    this.#tellLost(Infinity);
    this.#waiting.clear();
    this.#drained?.();
    clearTimeout(this.#timer);
  }

  /** It has all when it has acknowledged all: what it says after a close could undo the rest. */
  #lookDrained(): void {
    if (this.#waiting.first === undefined && this.#link.inFlight === 0) this.#drained?.();
  }

  #tell(stream: Stream): void {
    this.#told = stream;
    this.#outbox.control({ ...stream, version: this.#version });
  }

  #tellLost(time: number): void {
    const frames = this.#waiting.untold(time);
    if (frames > 0) this.#events.behind(frames);
  }

  /** @returns whether it has: not while the answer to the one before is on its way */
  #ping(): boolean {
    this.#isPingDue = false;
    if (this.#pingedAt !== undefined) return false;
    this.#pingedAt = now();
    this.#outbox.control({ type: "ping", time: this.#pingedAt });
    return true;
  }

  #pumpAt(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.pump();
    }, delayMs);
  }
}
