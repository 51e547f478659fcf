/**
 * Decides when one viewer gets its next frame.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { PROTOCOL_VERSION } from "../protocol/control.ts";
import type { Ack, Adaptation, Hello, Pong, Stream, Taken } from "../protocol/control.ts";
import type { FrameSenderEvents, FrameSenderOptions } from "./frame_sender_options.ts";
import { Alarm } from "../pacing/alarm.ts";
import { Adapter } from "./adapter.ts";
import { Interleaver } from "./interleaver.ts";
import { Pacer } from "../pacing/pacer.ts";
import { Pings } from "../pacing/pings.ts";
import { RateLimit } from "../pacing/rate_limit.ts";
import type { WriteQueue } from "../protocol/write_queue.ts";
import { within } from "../base/within.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import type { SoundChannel } from "./sound_channel.ts";
import { silenceMs } from "../pacing/viewer_silence.ts";
import { EveryFrameQueue, LatestFrameQueue, type SendQueue } from "./send_queue.ts";

/** A viewer that is silent this long is pinged, whatever is in flight. */
const PING_MS = 2000;

/**
 * Sends one viewer its frames: to one that acknowledges, when the path to it is about to be
 * free; to a raw client, when the last one is written. At most one frame waits, and a newer
 * one replaces it, unless the viewer wants every frame.
 */
export class FrameSender {
  /** Bytes of frames handed to the network. */
  sentBytes = 0;
  /** Frames replaced by newer ones before they could be sent. */
  droppedFrames = 0;

  #writeQueue: WriteQueue;
  #events: FrameSenderEvents;
  #options: FrameSenderOptions;
  /** Frames may wait before the kind is known. */
  #kind: "undecided" | "raw" | "acknowledged" = "undecided";
  #takesFrames = true;
  #hasHeartbeat = false;
  #version = PROTOCOL_VERSION;
  #waiting: SendQueue = new LatestFrameQueue();
  #told: Stream | undefined;
  #pacer = new Pacer();
  #adapter: Adapter | undefined;
  /** Set if the viewer takes sound. */
  #sound: Interleaver | undefined;
  /** The number of the frame offered last, whichever rendition it is from. */
  #lastSeq = -1;
  #rate = new RateLimit();
  #pings: Pings;
  #alarm = new Alarm(() => this.pump());
  #drained: (() => void) | undefined;

  /** Sends through `queue`, whose owner calls {@linkcode FrameSender.pump} when it is idle. */
  constructor(queue: WriteQueue, events: FrameSenderEvents, options: FrameSenderOptions = {}) {
    this.#writeQueue = queue;
    this.#events = events;
    this.#options = options;
    this.#rate.set(options.maxRate);
    this.#pings = new Pings(queue);
  }

  /** Begins to send frames and nothing else. */
  beginRaw(): void {
    this.#kind = "raw";
    this.pump();
  }

  /** Begins to serve a viewer that has said hello. */
  begin({ version, frames, adapt, sound, heartbeat = false }: Hello, stream: Stream): void {
    this.#kind = "acknowledged";
    this.#hasHeartbeat = heartbeat;
    this.#version = Math.min(version, PROTOCOL_VERSION);
    if (frames === "all") {
      this.#pings.expectQueues();
      const waiting = this.#waiting.take();
      this.#waiting = new EveryFrameQueue();
      if (waiting !== undefined) this.#waiting.put(waiting);
      waiting?.frame.release();
    } else this.adapt(adapt);
    if (sound && this.#options.sound !== undefined) this.#listen(this.#options.sound);
    this.#tell(stream);
    this.#pings.send();
    this.pump();
  }

  /** Follows what the viewer wants; undefined means the camera's own pictures. */
  adapt(wishes: Adaptation | undefined): void {
    this.#rate.set(this.#options.maxRate, wishes?.rate);
    const { renditions } = this.#options;
    if (wishes === undefined || renditions === undefined || this.#waiting.keepsAll) return;
    this.#adapter ??= new Adapter(renditions, this.#pacer, (frame) => this.#put(frame));
    this.#adapter.wishes = wishes;
  }

  /** Offers the newest frame of the source. */
  offer(frame: EncodedFrame): void {
    if (!this.#takesFrames) return;
    if (this.#kind !== "raw") {
      const time = now();
      this.#pacer.offered(time);
      this.#adapter?.update(time, this.#rate.msPerByte);
    }
    if (this.#adapter?.takesSource ?? true) this.#put(frame);
  }

  #put(frame: EncodedFrame): void {
    const { seq } = frame.frame;
    if (!this.#takesFrames || seq <= this.#lastSeq) return; // an encoder may be a little behind
    this.#lastSeq = seq;
    this.droppedFrames += this.#waiting.put(frame);
    this.pump();
  }

  /** Tells the viewer that the stream has changed, if it speaks control messages. */
  describe(stream: Stream): void {
    // A viewer of every frame is told between the frames before and after the change.
    if (this.#kind === "acknowledged" && !this.#waiting.keepsAll) this.#tell(stream);
  }

  /** Records how much of the sound and of pictures in parts the viewer has taken. */
  taken({ bytes }: Taken): void {
    this.#sound?.taken(bytes);
  }

  /** Records that a frame has gone to the display. */
  acked({ seq, held }: Ack): void {
    const time = now();
    const captured = this.#pacer.acked(seq, time, held);
    this.#adapter?.update(time, this.#rate.msPerByte);
    if (captured !== undefined && !Number.isNaN(captured)) {
      this.#events.shown(time - captured - (this.#pings.roundTripMs ?? 0) / 2);
    }
    this.pump();
    this.#checkDrained();
  }

  /** Records the answer to a ping. */
  pong(message: Pong): void {
    this.#pings.answered(message);
    this.#pacer.roundTripMs = this.#pings.roundTripMs;
    this.#pacer.lateMs = this.#pings.lateMs;
  }

  /** How long a viewer that acknowledges may say nothing, in milliseconds. */
  get silenceMs(): number {
    return silenceMs(this.#hasHeartbeat, !this.#writeQueue.idle, this.#pacer.bytesInFlight);
  }

  /**
   * Does what is due about once a second for a viewer that acknowledges.
   *
   * @param silentMs how long it has said nothing
   */
  tick(silentMs: number): void {
    if (silentMs >= PING_MS && this.#pacer.inFlight > 0 && this.#writeQueue.idle) {
      // Its answer is a sign of life and no measurement: it may wait behind frames.
      this.#writeQueue.control({ type: "ping", time: now() });
    }
    this.#tellLost(now());
    if (this.#pings.isDue || this.#pacer.inFlight === 0) this.#pings.send();
    else this.#pings.isDue = true;
  }

  /** Sends the frame that waits, if it may leave now. */
  pump(): void {
    if (!this.#writeQueue.idle || this.#kind === "undecided") return;
    const { first } = this.#waiting;
    const time = now();
    if (this.#sound?.write(time, first?.frame.seq ?? Infinity) || first === undefined) return;
    if (this.#kind === "acknowledged" && this.#waiting.keepsAll && first.stream !== this.#told) {
      return this.#tell(first.stream); // the queue calls again when that is written
    }
    const isPinged = this.#kind === "acknowledged" && this.#pings.isDue;
    const freeAt = this.#kind === "raw" ? -Infinity : this.#waiting.freeAt(this.#pacer, isPinged);
    const leavesAt = Math.max(freeAt, this.#rate.freeAt);
    if (leavesAt > time) return this.#alarm.set(leavesAt - time);
    if (isPinged && this.#pings.send()) return; // the queue calls again when that is written
    const { seq, jpeg } = first.frame;
    if (this.#kind === "acknowledged") {
      this.#pacer.sent(seq, jpeg.length, first.live ? first.frame.time : NaN, time);
    }
    this.#rate.sent(jpeg.length, time);
    this.#waiting.take();
    this.sentBytes += first.frame.jpeg.length;
    const release = () => first.frame.release();
    if (this.#sound?.divides(jpeg.length, this.#pacer.linkMsPerByte(time))) {
      return this.#sound.begin(first, release);
    }
    this.#writeQueue.frame(this.#kind === "raw" ? first.raw : first.described, release);
  }

  /**
   * Takes no more frames. A viewer of every frame gets up to `patienceMs` milliseconds to take
   * and acknowledge those that wait or are in flight; the rest is lost.
   */
  async finish(patienceMs: number): Promise<void> {
    this.#takesFrames = false;
    if (this.#kind !== "acknowledged" || !this.#waiting.keepsAll) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drained = resolve;
    this.#checkDrained();
    await within(promise, patienceMs);
    const missed = this.#waiting.clear();
    this.droppedFrames += missed;
    if (missed > 0) this.#events.behind(missed);
  }

  /** Drops what waits. */
  close(): void {
    this.#takesFrames = false;
    this.#tellLost(Infinity);
    this.#waiting.clear();
    this.#adapter?.close();
    this.#sound?.close();
    this.#drained?.();
    this.#alarm.clear();
  }

  #listen(channel: SoundChannel): void {
    this.#sound = new Interleaver(this.#writeQueue, channel, {
      keepsAll: this.#waiting.keepsAll,
      newestSeq: () => this.#lastSeq,
      roundTripMs: () => this.#pings.roundTripMs ?? 0,
      pump: () => this.pump(),
      sent: (bytes, time) => this.#rate.sent(bytes, time),
    });
  }

  /** Drained means acknowledged: an acknowledgement after a close would reset the connection. */
  #checkDrained(): void {
    if (this.#waiting.first === undefined && this.#pacer.inFlight === 0) this.#drained?.();
  }

  #tell(stream: Stream): void {
    this.#told = stream;
    this.#writeQueue.control({ ...stream, version: this.#version });
  }

  #tellLost(time: number): void {
    const frames = this.#waiting.takeLost(time);
    if (frames > 0) this.#events.behind(frames);
  }
}
