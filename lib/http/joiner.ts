/**
 * Joining pieces of memory.
 *
 * @module
 */

import type { Bytes } from "../jpeg/frame.ts";

/**
 * Joins pieces, so that one write sends them all. The memory is used again: the result is valid
 * until the next call. New memory for each frame would cost more than copying it.
 */
export class Joiner {
  #buffer: Bytes = new Uint8Array();

  /** All `pieces`, one after another. */
  join(...pieces: Uint8Array[]): Bytes {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length > this.#buffer.length) this.#buffer = new Uint8Array(Math.ceil(length * 1.25));
    let at = 0;
    for (const piece of pieces) {
      this.#buffer.set(piece, at);
      at += piece.length;
    }
    return this.#buffer.subarray(0, length);
  }
}
