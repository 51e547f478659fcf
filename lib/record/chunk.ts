/**
 * Frames gathered for one write.
 *
 * @module
 */

import { type Bytes, FramePool } from "../jpeg/frame.ts";

/** How long frames are gathered, in milliseconds: what may be lost with the power. */
const CHUNK_MS = 500;
const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

/** A frame within a {@linkcode Chunk}. */
export interface ChunkFrame {
  /** Its capture, in milliseconds since the Unix epoch; always at least 1 after the one before. */
  timeMs: number;
  /** Index of its first byte in the chunk, after the room that was asked for. */
  start: number;
  /** Index after its last byte. */
  end: number;
}

/** Frames of at most half a second, in one piece of memory. */
export interface Chunk {
  /** The pictures, with room before each, and nothing else. */
  bytes: Bytes;
  /** Where they are; at least one. */
  frames: readonly ChunkFrame[];
  /** When the last one is followed by another, or would be at the same pace. */
  endMs: number;
  /** Whether a new file begins with it. */
  startsSegment: boolean;
  /** Whether a file ends with it. */
  endsSegment: boolean;
}

/** Gathers frames into chunks. Frames are copied, so that nothing waits for a disk to let them go. */
export class ChunkBuilder {
  /** Bytes of the chunks that were not given back, room included. */
  heldBytes = 0;

  #room: number;
  #pool = new FramePool(256 * 1024);
  #buffer: Bytes | undefined;
  #length = 0;
  #frames: ChunkFrame[] = [];
  #startsSegment = false;
  #paceMs = 0;

  /** @param room bytes kept before each picture, for what a container has to say of it */
  constructor(room: number) {
    this.#room = room;
  }

  /** When the chunk being gathered began, in milliseconds since the Unix epoch, if there is one. */
  get beganMs(): number | undefined {
    return this.#frames[0]?.timeMs;
  }

  /**
   * Adds a copy of a frame.
   *
   * @returns the chunk before it, if this frame begins another
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

  /** Ends the chunk being gathered, if there is one. @param nextMs when the next frame is, if known */
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

  /** Takes the memory of a chunk back. */
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
