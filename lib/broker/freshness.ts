/**
 * Telling new messages of a publisher from recorded ones.
 *
 * @module
 */

import type { Header } from "./message.ts";

/** A message that took longer was held back. */
const MAX_AGE_MS = 10_000;
/** A publisher that has said nothing for this long may be followed by an older one. */
const GONE_MS = 3000;

/**
 * Remembers how far a publisher has come. An epoch counts from the first answer to a question of
 * ours on: only who has the key now can give that. So a restarted edge, which remembers nothing,
 * cannot be shown old pictures either, and no clock needs to be right.
 */
export class Freshness {
  #epoch: string | undefined;
  #counter = 0;
  #started = -Infinity;
  #heardAt = -Infinity;

  /** The epoch that is followed, as hex; empty before the first answer. */
  get epoch(): string {
    return this.#epoch ?? "";
  }

  /** The counter of the last message. */
  get counter(): number {
    return this.#counter;
  }

  /** When the last message came. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /**
   * Takes the answer to a question that was asked just now.
   *
   * @param started when its publisher started, on its own clock: of two publishers the later one
   * is followed
   * @returns whether it is from the publisher that is followed
   */
  answered(header: Header, started: number, now: number): boolean {
    const epoch = header.epoch.toHex();
    if (epoch !== this.#epoch) {
      if (started <= this.#started && now - this.#heardAt < GONE_MS) return false;
      this.#epoch = epoch;
      this.#started = started;
      this.#counter = 0;
    }
    if (header.counter > this.#counter) this.#counter = header.counter;
    this.#heardAt = now;
    return true;
  }

  /**
   * Why a message cannot be new, if it cannot. Ask before opening it.
   *
   * @param offsetMs the publisher's clock minus ours
   */
  whyOld(
    header: Header,
    offsetMs: number,
    now: number,
  ): "unknown" | "repeated" | "late" | undefined {
    if (header.epoch.toHex() !== this.#epoch) return "unknown";
    if (header.counter <= this.#counter) return "repeated";
    return now - (header.sentAt - offsetMs) > MAX_AGE_MS ? "late" : undefined;
  }

  /** Takes a message that could be opened. */
  take({ counter }: Header, now: number): void {
    this.#counter = Math.max(this.#counter, counter);
    this.#heardAt = now;
  }
}
