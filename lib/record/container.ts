/**
 * What a file format for recordings has to give.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** Bytes that take the place of as many others, written before. */
export interface Patch {
  /** Position in the file. */
  at: number;
  /** What is there from now on. */
  bytes: Bytes;
}

/**
 * One file in the making, as bytes: a header, chunks of pictures one after another, an index. What
 * is written is a file that can be played after every chunk. Nothing is written here.
 */
export interface Container {
  /** What stands before the first chunk, `first`. Known from it are the size and the start. */
  header(first: Chunk): Bytes;
  /** A chunk for the file, in pieces, one of them the memory of the chunk itself. */
  encode(chunk: Chunk): Bytes[];
  /** Says that this chunk stands in the file now, at this position. */
  written(chunk: Chunk, at: number): void;
  /** What makes it easy to find a time in the file, for behind the last chunk; may be empty. */
  index(): Bytes;
  /**
   * What to change in the file when it has ended.
   *
   * @param bytes in the file
   * @param indexAt where the index was written; undefined if it could not be
   */
  patches(bytes: number, indexAt: number | undefined): Patch[];
}
