/**
 * Measures the round trip to one viewer.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { RoundTrip, SAMPLES_BEHIND_QUEUES } from "../protocol/clock_sync.ts";
import type { Pong } from "../protocol/control.ts";
import type { WriteQueue } from "../protocol/write_queue.ts";

/** Sends pings, one at a time, and takes in the answers. */
export class Pings {
  /** Whether one is to leave before the next frame: behind frames it would measure them. */
  isDue = false;

  #writeQueue: WriteQueue;
  #roundTrip = new RoundTrip();
  #sentAt: number | undefined;

  /** Sends through `writeQueue`. */
  constructor(writeQueue: WriteQueue) {
    this.#writeQueue = writeQueue;
  }

  /** The round trip without queues, in milliseconds; undefined until it is measured. */
  get roundTripMs(): number | undefined {
    return this.#roundTrip.ms;
  }

  /** How much longer it usually takes, in milliseconds. */
  get lateMs(): number {
    return this.#roundTrip.lateMs;
  }

  /** From now on every ping may wait behind frames. */
  expectQueues(): void {
    this.#roundTrip = new RoundTrip(SAMPLES_BEHIND_QUEUES);
  }

  /** Sends a ping, unless one is unanswered. @returns whether it did */
  send(): boolean {
    this.isDue = false;
    if (this.#sentAt !== undefined) return false;
    this.#sentAt = now();
    this.#writeQueue.control({ type: "ping", time: this.#sentAt });
    return true;
  }

  /** Takes in an answer. */
  answered({ time }: Pong): void {
    if (time !== this.#sentAt) return;
    this.#sentAt = undefined;
    this.#roundTrip.answered(time, now());
  }
}
