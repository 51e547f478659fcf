/**
 * Sound for one viewer, between and within its pictures.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { now } from "../base/clock.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { encodePart } from "../protocol/codec.ts";
import type { WriteQueue } from "../protocol/write_queue.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import { PartWindow } from "../pacing/part_window.ts";
import type { Listener, SoundChannel } from "./sound_channel.ts";
import { SoundQueue } from "../pacing/sound_queue.ts";

/** A picture that takes longer than this, in milliseconds, is sent in parts. */
const WHOLE_MS = 10;

/** What an {@linkcode Interleaver} asks and tells its owner. */
export interface InterleaverOwner {
  /** Whether the viewer wants every packet and frame, in order. */
  keepsAll: boolean;
  /** The number of the newest frame. */
  newestSeq(): number;
  /** The round trip without queues, in milliseconds. */
  roundTripMs(): number;
  /** Something may have become free to leave. */
  pump(): void;
  /** So many bytes of sound leave now. */
  sent(bytes: number, now: number): void;
}

/** A picture that is being sent in parts. */
interface Divided {
  encoded: EncodedFrame;
  /** How much of the JPEG has left. */
  sent: number;
  release: () => void;
}

/** Writes sound as soon as the queue is idle, and long pictures in parts, with sound between them. */
export class Interleaver implements Listener {
  #writeQueue: WriteQueue;
  #channel: SoundChannel;
  #owner: InterleaverOwner;
  #queue: SoundQueue;
  #window = new PartWindow();
  #picture: Divided | undefined;
  #reportedDropped = 0;

  /** Listens to `channel` until {@linkcode Interleaver.close}. */
  constructor(writeQueue: WriteQueue, channel: SoundChannel, owner: InterleaverOwner) {
    this.#writeQueue = writeQueue;
    this.#channel = channel;
    this.#owner = owner;
    this.#queue = new SoundQueue(owner.keepsAll);
    channel.add(this);
  }

  hear(_packet: SoundPacket, encoded: Bytes): void {
    this.#queue.put(encoded, now(), this.#owner.newestSeq());
    this.#channel.dropped += this.#queue.dropped - this.#reportedDropped;
    this.#reportedDropped = this.#queue.dropped;
    this.#owner.pump();
  }

  /** Records what the viewer has taken. */
  taken(bytes: number): void {
    this.#window.taken(bytes, now(), this.#owner.roundTripMs());
    this.#owner.pump();
  }

  /**
   * Writes what may leave before the next frame; only when the write queue is idle.
   *
   * @param nextSeq the number of that frame; Infinity without one
   * @returns whether that frame has to wait
   */
  write(time: number, nextSeq: number): boolean {
    const { keepsAll, roundTripMs } = this.#owner;
    const isStalled = !keepsAll && this.#window.isStalled(time, roundTripMs());
    const sound = isStalled ? undefined : this.#queue.take(time, nextSeq);
    if (sound !== undefined) {
      this.#window.sentSound(sound.length, time);
      this.#owner.sent(sound.length, time);
      this.#writeQueue.frame(sound, () => {});
      return true;
    }
    if (this.#picture === undefined) return false;
    const { room } = this.#window;
    if (room > 0) this.#writePart(this.#picture, room, time);
    return true;
  }

  /** Whether a picture of so many bytes would hold sound up, at so many milliseconds a byte. */
  divides(bytes: number, msPerByte: number | undefined): boolean {
    if (this.#owner.keepsAll || this.#channel.state === undefined) return false;
    return msPerByte === undefined || bytes * msPerByte > WHOLE_MS;
  }

  /** Sends a picture in parts; calls `release` when all of it is written, or never will be. */
  begin(encoded: EncodedFrame, release: () => void): void {
    this.#picture = { encoded, sent: 0, release };
    this.write(now(), Infinity);
  }

  /** Stops listening. */
  close(): void {
    this.#channel.remove(this);
    this.#picture?.release();
    this.#picture = undefined;
  }

  #writePart(picture: Divided, room: number, time: number): void {
    const { encoded, sent, release } = picture;
    const { jpeg } = encoded.frame;
    const isLast = sent + room >= jpeg.length;
    const part = encodePart(jpeg.subarray(sent, sent + room), isLast);
    this.#window.sentPart(part.length, time);
    picture.sent += room;
    if (isLast) this.#picture = undefined;
    this.#writeQueue.frame(
      sent === 0 ? concat([encoded.description, part]) : part,
      isLast ? release : () => {},
    );
  }
}
