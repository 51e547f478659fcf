/**
 * Received frames that wait for the caller.
 *
 * @module
 */

import type { ReceivedFrame } from "./received.ts";

/** Frames, and bytes of memory, that may wait before the sender has to. */
const MAX_FRAMES = 16;
const MAX_BYTES = 32 * 1024 * 1024;

/** Holds the newest frame only, or every frame up to a bound at which reading has to stop. */
export class ReceivedQueue {
  #keepsAll: boolean;
  #frames: ReceivedFrame[] = [];
  #ended = false;
  /** Resolves a pending {@linkcode next}. */
  #wake: (() => void) | undefined;
  /** Resolves a pending {@linkcode room}. */
  #resume: (() => void) | undefined;

  /** @param keepsAll every frame waits, instead of the newest */
  constructor(keepsAll: boolean) {
    this.#keepsAll = keepsAll;
  }

  /** Whether nothing more may be put in for now. */
  get isFull(): boolean {
    if (!this.#keepsAll) return false;
    if (this.#frames.length >= MAX_FRAMES) return true;
    // The buffer of a frame is larger than its picture.
    const bytes = this.#frames.reduce((sum, { frame }) => sum + frame.jpeg.buffer.byteLength, 0);
    return bytes >= MAX_BYTES;
  }

  /** Whether somebody waits in {@linkcode room}. */
  get isBlocking(): boolean {
    return this.#resume !== undefined;
  }

  /** Puts a frame in. Unless all are kept it replaces the one that waits, and counts it as dropped. */
  put(received: ReceivedFrame): void {
    const replaced = this.#keepsAll ? undefined : this.#frames.pop();
    if (replaced !== undefined) {
      received.dropped += replaced.dropped + 1;
      replaced.frame.release();
    }
    this.#frames.push(received);
    this.#wake?.();
  }

  /** Resolves with the first frame that waits, or with undefined after the last. */
  async next(): Promise<ReceivedFrame | undefined> {
    while (this.#frames.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const first = this.#frames.shift();
    if (!this.isFull) this.#resume?.();
    return first;
  }

  /** Resolves when the queue is not full, or has ended. */
  async room(): Promise<void> {
    if (!this.isFull || this.#ended) return;
    await new Promise<void>((resolve) => this.#resume = resolve);
    this.#resume = undefined;
  }

  /** Says that no more frames come: those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
    this.#resume?.();
  }
}
