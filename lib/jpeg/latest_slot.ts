/**
 * One slot for the frame that waits: "newest wins".
 *
 * @module
 */

import type { Frame } from "./frame.ts";

/** Holds the latest item until it is taken; a newer one replaces it. */
export class LatestSlot<T extends { readonly frame: Frame }> {
  #item: T | undefined;

  /** What waits. */
  get item(): T | undefined {
    return this.#item;
  }

  /** Puts in `item` and retains its frame. @returns whether it replaced one, which is released */
  put(item: T): boolean {
    item.frame.retain();
    const replaces = this.clear();
    this.#item = item;
    return replaces;
  }

  /** Takes out what waits, if anything; the caller releases its frame. */
  take(): T | undefined {
    const item = this.#item;
    this.#item = undefined;
    return item;
  }

  /** Releases what waits. @returns whether anything did */
  clear(): boolean {
    const item = this.take();
    item?.frame.release();
    return item !== undefined;
  }
}
