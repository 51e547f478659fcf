/**
 * Chunks: frames gathered for one write.
 *
 * @module
 */

import { type Bytes, FramePool } from "../jpeg/frame.ts";

/** How long frames are gathered, in milliseconds: a power failure can cost this much. */
const CHUNK_MS = 500;
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** A frame within a {@linkcode Chunk}. */
export interface ChunkFrame {
  /** Its capture, in milliseconds since the Unix epoch, at least 1 after the previous frame. */
  timeMs: number;
  /** Index of its first byte in the chunk, after the room kept for the container. */
  start: number;
  /** Index after its last byte. */
  end: number;
}

/** Frames of at most half a second, in one piece of memory. */
export interface Chunk {
  /** The pictures, with room before each for the container. */
  bytes: Bytes;
  /** Where the frames are; at least one. */
  frames: readonly ChunkFrame[];
  /** When the frame after the last one is due, in milliseconds since the Unix epoch. */
  endMs: number;
  /** Whether a new file begins with it. */
  startsSegment: boolean;
  /** Whether a file ends with it. */
  endsSegment: boolean;
}

/** Gathers copies of frames into chunks, so that no frame is held while the disk is slow. */
export class ChunkBuilder {
  /** Bytes of the chunks that were not released, room included. */
  heldBytes = 0;

  #room: number;
  #pool = new FramePool(256 * 1024);
  #buffer: Bytes | undefined;
  #length = 0;
  #frames: ChunkFrame[] = [];
  #startsSegment = false;
  #paceMs = 0;

  /** @param room bytes kept before each picture, for its header in the container */
  constructor(room: number) {
    this.#room = room;
  }

  /** When the current chunk began, in milliseconds since the Unix epoch, if there is one. */
  get beganMs(): number | undefined {
    return this.#frames[0]?.timeMs;
  }

  /**
   * Adds a copy of a frame.
   *
   * @returns the chunk before it, if this frame begins a new one
   */
  add(jpeg: Uint8Array, timeMs: number, startsSegment = false): Chunk | undefined {
    const bytes = this.#room + jpeg.length;
    const began = this.beganMs;
    const isFull = began !== undefined &&
      (startsSegment || timeMs - began >= CHUNK_MS || this.#length + bytes > MAX_CHUNK_BYTES);
    const closed = isFull ? this.close(timeMs) : undefined;
    if (this.#frames.length === 0) this.#startsSegment = startsSegment;
    else this.#paceMs = timeMs - this.#frames.at(-1)!.timeMs;
    const start = this.#length + this.#room;
    this.#makeRoom(bytes).set(jpeg, start);
    this.#length += bytes;
    this.heldBytes += bytes;
    this.#frames.push({ timeMs, start, end: this.#length });
    return closed;
  }

  /** Completes the current chunk, if there is one. @param nextMs time of the next frame, if known */
  close(nextMs?: number): Chunk | undefined {
    if (this.#buffer === undefined) return undefined;
    const chunk = {
      bytes: this.#buffer.subarray(0, this.#length),
      frames: this.#frames,
      endMs: nextMs ?? this.#frames.at(-1)!.timeMs + Math.max(1, this.#paceMs),
      startsSegment: this.#startsSegment,
      endsSegment: false,
    };
    this.#pool.observe(this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    this.#frames = [];
    return chunk;
  }

  /** Releases the memory of a chunk. */
  release({ bytes }: Chunk): void {
    this.heldBytes -= bytes.length;
    this.#pool.giveBack(new Uint8Array(bytes.buffer));
  }

  #makeRoom(bytes: number): Bytes {
    const needed = this.#length + bytes;
    const old = this.#buffer ??= this.#pool.take(needed);
    if (old.length >= needed) return old;
    this.#buffer = this.#pool.take(Math.max(needed, 2 * old.length));
    this.#buffer.set(old.subarray(0, this.#length));
    return this.#buffer;
  }
}
