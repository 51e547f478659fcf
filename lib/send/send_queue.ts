/**
 * What waits at the sender for one viewer.
 *
 * @module
 */

import type { Pacer } from "./pacer.ts";
import type { EncodedFrame } from "./encoded_frame.ts";

/**
 * Bytes of memory that may wait for a viewer that wants every frame: 17 s of 1080p at
 * 30 fps. A queue is always the end of what was published, so that all viewers of a
 * camera wait for the same frames, and together hold no more memory than this.
 */
const MAX_BYTES = 64 * 1024 * 1024;
/** Frames that may wait for it: 17 s at 60 fps. Tiny ones would be many objects in few bytes. */
const MAX_FRAMES = 1024;
/** Frames sent to it and not acknowledged: of each a note is kept. */
const MAX_IN_FLIGHT = 1024;
/** How often its owner is told of losses. */
const TELL_MS = 10_000;

/** Frames on their way to one viewer; each is held while it waits. */
export interface SendQueue {
  /** Whether every frame is wanted, in order. */
  readonly keepsAll: boolean;
  /** What is to be sent next. */
  readonly first: EncodedFrame | undefined;
  /** Adds the newest, and holds it. @returns how many frames it displaced */
  put(packet: EncodedFrame): number;
  /** Takes the first out; who takes it has to release its frame. */
  take(): EncodedFrame | undefined;
  /** Lets all go. @returns how many there were */
  clear(): number;
  /** When the first may leave, as {@linkcode Pacer.freeAt} tells it. */
  freeAt(link: Pacer, withPing: boolean): number;
  /** Frames lost that were wanted, since it last told of some; 0 if that is not long ago. */
  untold(now: number): number;
}

/** One slot: a newer frame takes the place of the one that waits. */
export class LatestFrameQueue implements SendQueue {
  readonly keepsAll = false;
  first: EncodedFrame | undefined;

  put(packet: EncodedFrame): number {
    const displaced = this.clear();
    packet.frame.retain();
    this.first = packet;
    return displaced;
  }

  take(): EncodedFrame | undefined {
    const packet = this.first;
    this.first = undefined;
    return packet;
  }

  clear(): number {
    if (this.first === undefined) return 0;
    this.first.frame.release();
    this.first = undefined;
    return 1;
  }

  freeAt(link: Pacer, withPing: boolean): number {
    return link.freeAt(withPing);
  }

  /** Nothing: who wants the newest loses nothing by getting it. */
  untold(): number {
    return 0;
  }
}

/**
 * A queue: beyond its bounds the oldest frame is lost. It is sent as fast as the
 * connection takes it; frames that are not to be replaced may as well wait in the
 * network, and may be many until the viewer has them all and acknowledges.
 */
export class EveryFrameQueue implements SendQueue {
  readonly keepsAll = true;

  #maxBytes: number;
  #maxFrames: number;
  #packets: EncodedFrame[] = [];
  #bytes = 0;
  #untold = 0;
  #toldAt = -Infinity;

  /** Keeps so much; one frame in any case. */
  constructor({ maxBytes = MAX_BYTES, maxFrames = MAX_FRAMES } = {}) {
    this.#maxBytes = maxBytes;
    this.#maxFrames = maxFrames;
  }

  get first(): EncodedFrame | undefined {
    return this.#packets[0];
  }

  put(packet: EncodedFrame): number {
    packet.frame.retain();
    this.#packets.push(packet);
    this.#bytes += memoryOf(packet);
    let displaced = 0;
    while (
      this.#packets.length > 1 &&
      (this.#bytes > this.#maxBytes || this.#packets.length > this.#maxFrames)
    ) {
      this.take()?.frame.release();
      displaced++;
    }
    this.#untold += displaced;
    return displaced;
  }

  take(): EncodedFrame | undefined {
    const packet = this.#packets.shift();
    if (packet !== undefined) this.#bytes -= memoryOf(packet);
    return packet;
  }

  clear(): number {
    const count = this.#packets.length;
    for (const { frame } of this.#packets) frame.release();
    this.#packets = [];
    this.#bytes = 0;
    return count;
  }

  freeAt(link: Pacer): number {
    return link.inFlight < MAX_IN_FLIGHT ? -Infinity : Infinity;
  }

  untold(now: number): number {
    if (this.#untold === 0 || now - this.#toldAt < TELL_MS) return 0;
    const untold = this.#untold;
    this.#untold = 0;
    this.#toldAt = now;
    return untold;
  }
}

/** A frame's buffer is larger than its picture. */
function memoryOf({ frame }: EncodedFrame): number {
  return frame.jpeg.buffer.byteLength;
}
