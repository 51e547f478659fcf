/**
 * What lets frames through while something moves, with those shortly before.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { Status } from "../program/console.ts";
import type { CamcatError } from "../base/errors.ts";
import { Frame } from "../jpeg/frame.ts";
import type { Output } from "./output.ts";
import type { ReceivedFrame, ReceiveEvent } from "./receive.ts";

/** Bytes of frames that are held at most; of more, the oldest go. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Options of {@linkcode MotionGate}. */
export interface MotionGateOptions {
  /** How long before a motion frames are let through from. */
  beforeMs: number;
  /** JPEG bytes that are held at most. @default {67108864} */
  maxHeldBytes?: number;
}

interface Held {
  received: ReceivedFrame;
  at: number;
}

/**
 * An output around another one, which gets live frames only while the gate is open, and when it
 * opens those of the last seconds first: all of them in order. It takes every frame at once and
 * holds copies, so that nothing waits for it and buffers go back to their pool.
 */
export class MotionGate implements Output {
  /** Of the output inside. */
  readonly ended: Promise<CamcatError | undefined>;

  #inner: Output;
  #beforeMs: number;
  #maxHeldBytes: number;
  #isOpen = false;
  /** The last seconds, while it is closed. */
  #before: Held[] = [];
  /** What the output inside has not got yet; undefined is the end of a motion. */
  #due: (Held | undefined)[] = [];
  #heldBytes = 0;
  #isPassing = false;
  #passing: Promise<void> | undefined;

  /** A closed gate before `inner`. */
  constructor(inner: Output, { beforeMs, maxHeldBytes = MAX_HELD_BYTES }: MotionGateOptions) {
    this.#inner = inner;
    this.ended = inner.ended;
    this.#beforeMs = beforeMs;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Something moves. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#forget(performance.now());
    this.#due.push(...this.#before);
    this.#before = [];
    this.#pass();
  }

  /** Nothing moves any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#due.push(undefined);
    this.#pass();
  }

  /** Holds a copy of a live frame, and passes it on if it is open. */
  take(received: ReceivedFrame): void {
    const at = performance.now();
    this.#forget(at);
    if (!received.live || !(this.#isOpen || this.#beforeMs > 0)) return;
    const { jpeg, time, seq } = received.frame;
    const frame = Frame.from(jpeg, { time, seq });
    // When it is passed on, it can no longer be told when it came.
    const capturedAt = received.capturedAt ?? now();
    const held = { received: { ...received, frame, capturedAt }, at };
    this.#heldBytes += jpeg.length;
    (this.#isOpen ? this.#due : this.#before).push(held);
    while (this.#heldBytes > this.#maxHeldBytes && this.#dropOldest()) { /* until it fits */ }
    if (this.#isOpen) this.#pass();
  }

  /** Tells the output inside. */
  follow(event: ReceiveEvent): void {
    this.#inner.follow?.(event);
  }

  /** That of the output inside. */
  status(): Status | undefined {
    return this.#inner.status?.();
  }

  /** Passes on what is due, and closes the output inside. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#passing;
    await this.#inner[Symbol.asyncDispose]();
  }

  #pass(): void {
    if (!this.#isPassing) this.#passing = this.#passAll();
  }

  async #passAll(): Promise<void> {
    this.#isPassing = true;
    while (this.#due.length > 0) {
      const held = this.#due.shift();
      const taken = held === undefined ? this.#inner.pause?.() : this.#inner.take(held.received);
      if (taken !== undefined) await taken;
      if (held !== undefined) this.#heldBytes -= held.received.frame.jpeg.length;
    }
    this.#isPassing = false;
  }

  #forget(time: number): void {
    while (this.#before.length > 0 && time - this.#before[0].at > this.#beforeMs) {
      this.#heldBytes -= this.#before.shift()!.received.frame.jpeg.length;
    }
  }

  #dropOldest(): boolean {
    const index = this.#due.findIndex((held) => held !== undefined);
    const [held] = index < 0 ? this.#before.splice(0, 1) : this.#due.splice(index, 1);
    if (held === undefined) return false; // the output inside has the last one
    this.#heldBytes -= held.received.frame.jpeg.length;
    return true;
  }
}
