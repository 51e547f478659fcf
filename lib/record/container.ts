/**
 * The contract of a container format for recordings.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** A change of bytes that are already written. */
export interface Patch {
  /** Position in the file. */
  at: number;
  /** The new bytes. */
  bytes: Bytes;
}

/**
 * Produces the bytes of one file: a header, chunks of pictures, and an index. The file can be
 * played after every chunk. {@linkcode RecordingFile} does the writing.
 */
export interface Container {
  /** The bytes before the first chunk, which gives the size of the picture and the start. */
  header(first: Chunk): Bytes;
  /** The bytes of a chunk, in pieces, one of which is the memory of the chunk itself. */
  encode(chunk: Chunk): Bytes[];
  /** Reports that a chunk has been written at this position of the file. */
  written(chunk: Chunk, at: number): void;
  /** The index for seeking, to be written after the last chunk; may be empty. */
  index(): Bytes;
  /**
   * The changes that complete the file.
   *
   * @param bytes in the file
   * @param indexAt where the index was written; undefined if it could not be
   */
  patches(bytes: number, indexAt: number | undefined): Patch[];
}
