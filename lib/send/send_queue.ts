/**
 * The frames that wait for one viewer.
 *
 * @module
 */

import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import type { Pacer } from "../pacing/pacer.ts";

/**
 * Bytes of memory that may wait for a viewer of every frame: 17 s of 1080p at 30 fps. All queues
 * of a camera end with the newest frame, so that all its viewers together hold no more than this.
 */
const MAX_BYTES = 64 * 1024 * 1024;
/** Frames that may wait for it: 17 s at 60 fps. Tiny ones would be many objects in few bytes. */
const MAX_FRAMES = 1024;
/** Frames sent to it and not acknowledged: each takes an entry in the pacer. */
const MAX_IN_FLIGHT = 1024;
/** The shortest time between two reports of lost frames. */
const REPORT_MS = 10_000;

/** Frames that wait for one viewer; each is retained while it waits. */
export interface SendQueue {
  /** Whether every frame is wanted, in order. */
  readonly keepsAll: boolean;
  /** The frame to send next. */
  readonly first: EncodedFrame | undefined;
  /** Adds the newest frame and retains it. @returns how many frames it displaced */
  put(frame: EncodedFrame): number;
  /** Takes out the first; the caller releases its frame. */
  take(): EncodedFrame | undefined;
  /** Releases all. @returns how many there were */
  clear(): number;
  /** When the first may leave, in the terms of {@linkcode Pacer.freeAt}. */
  freeAt(pacer: Pacer, withPing: boolean): number;
  /** Wanted frames lost since the last report; 0 if that was less than 10 s ago. */
  takeLost(now: number): number;
}

/** One slot: a newer frame replaces the one that waits. */
export class LatestFrameQueue implements SendQueue {
  readonly keepsAll = false;
  #slot = new LatestSlot<EncodedFrame>();

  get first(): EncodedFrame | undefined {
    return this.#slot.item;
  }

  put(frame: EncodedFrame): number {
    return Number(this.#slot.put(frame));
  }

  take(): EncodedFrame | undefined {
    return this.#slot.take();
  }

  clear(): number {
    return Number(this.#slot.clear());
  }

  freeAt(pacer: Pacer, withPing: boolean): number {
    return pacer.freeAt(withPing);
  }

  /** Always 0: a replaced frame is not a loss here. */
  takeLost(): number {
    return 0;
  }
}

/**
 * A bounded FIFO that drops its oldest frame when it is full. The pacer does not delay its
 * frames: nothing replaces them, so they may as well wait in the network.
 */
export class EveryFrameQueue implements SendQueue {
  readonly keepsAll = true;

  #maxBytes: number;
  #maxFrames: number;
  #frames: EncodedFrame[] = [];
  #bytes = 0;
  #lost = 0;
  #reportedAt = -Infinity;

  /** Keeps this much, and one frame in any case. */
  constructor({ maxBytes = MAX_BYTES, maxFrames = MAX_FRAMES } = {}) {
    this.#maxBytes = maxBytes;
    this.#maxFrames = maxFrames;
  }

  get first(): EncodedFrame | undefined {
    return this.#frames[0];
  }

  put(frame: EncodedFrame): number {
    frame.frame.retain();
    this.#frames.push(frame);
    this.#bytes += memoryOf(frame);
    let displaced = 0;
    while (
      this.#frames.length > 1 &&
      (this.#bytes > this.#maxBytes || this.#frames.length > this.#maxFrames)
    ) {
      this.take()?.frame.release();
      displaced++;
    }
    this.#lost += displaced;
    return displaced;
  }

  take(): EncodedFrame | undefined {
    const first = this.#frames.shift();
    if (first !== undefined) this.#bytes -= memoryOf(first);
    return first;
  }

  clear(): number {
    const count = this.#frames.length;
    for (const { frame } of this.#frames) frame.release();
    this.#frames = [];
    this.#bytes = 0;
    return count;
  }

  freeAt(pacer: Pacer): number {
    return pacer.inFlight < MAX_IN_FLIGHT ? -Infinity : Infinity;
  }

  takeLost(now: number): number {
    if (this.#lost === 0 || now - this.#reportedAt < REPORT_MS) return 0;
    const lost = this.#lost;
    this.#lost = 0;
    this.#reportedAt = now;
    return lost;
  }
}

/** A frame's buffer is larger than its picture. */
function memoryOf({ frame }: EncodedFrame): number {
  return frame.jpeg.buffer.byteLength;
}
