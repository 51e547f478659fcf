/**
 * Telling the sender how much of the sound and of parts of pictures has arrived.
 *
 * @module
 */

import type { WriteQueue } from "../protocol/write_queue.ts";

/** How long sound alone may wait to be told, in milliseconds: it is little, and comes often. */
const SOUND_MS = 100;
/** More bytes than that: part of a picture, whose next part waits for this. */
const PART_BYTES = 1024;

/** Tells it now and then. */
export class Taking {
  #writeQueue: WriteQueue;
  #told = 0;
  #toldAt = -Infinity;

  /** Tells it through `writeQueue`. */
  constructor(writeQueue: WriteQueue) {
    this.#writeQueue = writeQueue;
  }

  /** @param bytes all of them since the connection began */
  tell(bytes: number): void {
    const time = performance.now();
    const news = bytes - this.#told;
    if (news === 0 || news < PART_BYTES && time - this.#toldAt < SOUND_MS) return;
    this.#told = bytes;
    this.#toldAt = time;
    this.#writeQueue.control({ type: "taken", bytes });
  }
}
