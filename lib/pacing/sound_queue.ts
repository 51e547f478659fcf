/**
 * The sound that waits for one viewer.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "../jpeg/frame.ts";

/** Sound that has waited longer would only be in the way of the newest, in milliseconds. */
const MAX_WAIT_MS = 200;
/** Packets that wait for a viewer that wants every one: 30 s of 10 ms. */
const MAX_KEPT = 3000;

/** A message that waits. */
interface Waiting {
  bytes: Bytes;
  since: number;
  /** The frame that was the newest then. */
  seq: number;
}

/** A queue that forgets what is too old, unless every packet is wanted. */
export class SoundQueue {
  /** Packets that were dropped. */
  dropped = 0;

  #keepsAll: boolean;
  #waiting: Waiting[] = [];

  /** @param keepsAll whether every packet is wanted, in order with the frames */
  constructor(keepsAll: boolean) {
    this.#keepsAll = keepsAll;
  }

  /** Adds a message. @param seq the number of the newest frame */
  put(bytes: Bytes, now: number, seq: number): void {
    this.#waiting.push({ bytes, since: now, seq });
    if (this.#keepsAll && this.#waiting.length > MAX_KEPT) this.#drop(1);
    else this.#forgetOld(now);
  }

  /**
   * Takes all that may leave now, as one piece of memory.
   *
   * @param nextSeq the frame that leaves next; Infinity without one
   */
  take(now: number, nextSeq: number): Bytes | undefined {
    this.#forgetOld(now);
    const isLater = ({ seq }: Waiting) => this.#keepsAll && seq >= nextSeq;
    const end = this.#waiting.findIndex(isLater);
    const taken = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
    if (taken.length === 0) return undefined;
    return taken.length === 1 ? taken[0].bytes : concat(taken.map(({ bytes }) => bytes));
  }

  #forgetOld(now: number): void {
    if (this.#keepsAll) return;
    const fresh = this.#waiting.findIndex(({ since }) => now - since <= MAX_WAIT_MS);
    this.#drop(fresh < 0 ? this.#waiting.length : fresh);
  }

  #drop(count: number): void {
    this.#waiting.splice(0, count);
    this.dropped += count;
  }
}
