/**
 * An output that passes frames on only during motion, beginning shortly before it.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { Status } from "../program/console.ts";
import type { CamcatError } from "../base/errors.ts";
import { Frame } from "../jpeg/frame.ts";
import type { Output } from "./output.ts";
import type { ReceivedFrame, ReceivedSound, ReceiveEvent } from "./received.ts";

/** Most bytes of frames that are held; the oldest are dropped beyond it. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Options of {@linkcode MotionGate}. */
export interface MotionGateOptions {
  /** How much to pass on from before a motion starts, in milliseconds. */
  beforeMs: number;
  /** Most bytes of JPEGs and sound to hold. @default {67108864} */
  maxHeldBytes?: number;
}

/** A frame or sound that the inner output has not received yet. */
interface Held {
  at: number;
  bytes: number;
  pass: () => Promise<void> | void;
}

/**
 * Passes live frames on to another output only while the gate is open. When it opens, the frames
 * of the last seconds come first, all of them in order. It takes every frame at once and holds
 * copies, so that nothing waits for it and buffers return to their pool.
 */
export class MotionGate implements Output {
  /** That of the inner output. */
  readonly ended: Promise<CamcatError | undefined>;
  /** Holds sound as it does frames; undefined if the inner output takes none. */
  readonly hear: ((sound: ReceivedSound) => void) | undefined;

  #inner: Output;
  #beforeMs: number;
  #maxHeldBytes: number;
  #isOpen = false;
  /** What came in the last seconds, while the gate is closed. */
  #before: Held[] = [];
  /** What the inner output has not received yet; undefined marks the end of a motion. */
  #due: (Held | undefined)[] = [];
  #heldBytes = 0;
  #isPassing = false;
  #passing: Promise<void> | undefined;

  /** Creates a closed gate before `inner`. */
  constructor(inner: Output, { beforeMs, maxHeldBytes = MAX_HELD_BYTES }: MotionGateOptions) {
    this.#inner = inner;
    this.ended = inner.ended;
    this.hear = inner.hear && ((sound) => this.#hear(sound));
    this.#beforeMs = beforeMs;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Opens the gate: motion has begun. @param reason what somebody has said it is, if so */
  open(reason?: string): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const at = performance.now();
    this.#forget(at);
    if (reason !== undefined) {
      this.#due.push({ at, bytes: 0, pass: () => this.#inner.begin?.(reason) });
    }
    this.#due.push(...this.#before);
    this.#before = [];
    this.#pass();
  }

  /** Closes the gate: the motion has ended. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#due.push(undefined);
    this.#pass();
  }

  /** Holds a copy of a live frame, and passes it on if the gate is open. */
  take(received: ReceivedFrame): void {
    if (!received.live) return;
    const { jpeg, time, seq } = received.frame;
    // Its time of arrival would be lost when it is passed on later.
    const capturedAt = received.capturedAt ?? now();
    this.#hold(jpeg.length, () => {
      const frame = Frame.from(jpeg, { time, seq });
      const held = { ...received, frame, capturedAt };
      return () => this.#inner.take(held);
    });
  }

  /** Passes the event to the inner output. */
  follow(event: ReceiveEvent): void {
    this.#inner.follow?.(event);
  }

  /** Figures of the inner output. */
  status(): Status | undefined {
    return this.#inner.status?.();
  }

  /** That of the inner output. */
  failure(): CamcatError | undefined {
    return this.#inner.failure?.();
  }

  /** Passes on what is due, and closes the inner output. */
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
      const taken = held === undefined ? this.#inner.pause?.() : held.pass();
      if (taken !== undefined) await taken;
      if (held !== undefined) this.#heldBytes -= held.bytes;
    }
    this.#isPassing = false;
  }

  #hear(sound: ReceivedSound): void {
    const capturedAt = sound.capturedAt ?? now();
    this.#hold(sound.packet.data.length, () => () => this.#inner.hear!({ ...sound, capturedAt }));
  }

  /** Holds what `copy` copies, unless it is not wanted, and passes it on if the gate is open. */
  #hold(bytes: number, copy: () => Held["pass"]): void {
    const at = performance.now();
    this.#forget(at);
    if (!(this.#isOpen || this.#beforeMs > 0)) return;
    this.#heldBytes += bytes;
    (this.#isOpen ? this.#due : this.#before).push({ at, bytes, pass: copy() });
    while (this.#heldBytes > this.#maxHeldBytes && this.#dropOldest()) { /* until it fits */ }
    if (this.#isOpen) this.#pass();
  }

  #forget(time: number): void {
    while (this.#before.length > 0 && time - this.#before[0].at > this.#beforeMs) {
      this.#heldBytes -= this.#before.shift()!.bytes;
    }
  }

  #dropOldest(): boolean {
    const index = this.#due.findIndex((held) => held !== undefined);
    const [held] = index < 0 ? this.#before.splice(0, 1) : this.#due.splice(index, 1);
    if (held === undefined) return false; // the inner output is taking the last one
    this.#heldBytes -= held.bytes;
    return true;
  }
}
