/**
 * Chunks: frames and sound gathered for one write.
 *
 * @module
 */

import { type Bytes, FramePool } from "../jpeg/frame.ts";

/** How long frames are gathered, in milliseconds: a power failure can cost this much. */
const CHUNK_MS = 500;
/** Shortest time between two packets of sound, in milliseconds: players need increasing times. */
const MIN_SPACING_MS = 1;
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

/** Sound within a {@linkcode Chunk}. */
export interface ChunkSound {
  /** When it was recorded, in milliseconds since the Unix epoch, later than the one before. */
  timeMs: number;
  /** How long it plays, in milliseconds. */
  durationMs: number;
  /** An Opus packet. */
  data: Uint8Array;
}

/** Frames of at most half a second, in one piece of memory, and the sound of that time. */
export interface Chunk {
  /** The pictures, with room before each for the container. */
  bytes: Bytes;
  /** Where the frames are; at least one in the first chunk of a file. */
  frames: readonly ChunkFrame[];
  /** The sound; there is at least one frame or sound. */
  sounds: readonly ChunkSound[];
  /** The channels of the sound, 1 or 2; 0 where the stream has none. */
  channels: number;
  /** When it begins, in milliseconds since the Unix epoch. */
  startMs: number;
  /** When the frame after the last one is due, in milliseconds since the Unix epoch. */
  endMs: number;
  /** Whether a new file begins with it. */
  startsSegment: boolean;
  /** Why it is recorded, if somebody has said so. */
  reason: string | undefined;
  /** Whether a file ends with it. */
  endsSegment: boolean;
}

/** Gathers copies of frames into chunks, so that no frame is held while the disk is slow. */
export class ChunkBuilder {
  /** Bytes of the chunks that were not released, room included. */
  heldBytes = 0;
  /** The channels of the sound; 0 if there is none. */
  channels = 0;
  /** Why the next chunks are recorded. */
  reason: string | undefined;

  #room: number;
  #pool = new FramePool(256 * 1024);
  #buffer: Bytes | undefined;
  #length = 0;
  #frames: ChunkFrame[] = [];
  #sounds: ChunkSound[] = [];
  #lastSoundMs = -Infinity;
  #startsSegment = false;
  #paceMs = 0;

  /** @param room bytes kept before each picture, for its header in the container */
  constructor(room: number) {
    this.#room = room;
  }

  /** When the current chunk began, in milliseconds since the Unix epoch, if there is one. */
  get beganMs(): number | undefined {
    return this.#frames[0]?.timeMs ?? this.#sounds[0]?.timeMs;
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
    const closed = isFull ? this.#closeBefore(timeMs, startsSegment) : undefined;
    if (this.#frames.length === 0) this.#startsSegment = startsSegment;
    else this.#paceMs = timeMs - this.#frames.at(-1)!.timeMs;
    const start = this.#length + this.#room;
    this.#makeRoom(bytes).set(jpeg, start);
    this.#length += bytes;
    this.heldBytes += bytes;
    this.#frames.push({ timeMs, start, end: this.#length });
    return closed;
  }

  /** Adds sound; what is not later than the last one, because a clock was set, is left out. */
  addSound(sound: ChunkSound): void {
    if (sound.timeMs < this.#lastSoundMs + MIN_SPACING_MS) return;
    this.#lastSoundMs = sound.timeMs;
    this.#sounds.push(sound);
    this.heldBytes += sound.data.length;
  }

  /** Completes the current chunk, if there is one. @param nextMs time of the next frame, if known */
  close(nextMs?: number): Chunk | undefined {
    const startMs = this.beganMs;
    if (startMs === undefined) return undefined;
    const [lastFrame, lastSound] = [this.#frames.at(-1), this.#sounds.at(-1)];
    const chunk = {
      bytes: this.#buffer?.subarray(0, this.#length) ?? new Uint8Array(),
      frames: this.#frames,
      sounds: this.#sounds,
      channels: this.channels,
      startMs,
      endMs: nextMs ??
        (lastFrame === undefined
          ? lastSound!.timeMs + lastSound!.durationMs
          : lastFrame.timeMs + Math.max(1, this.#paceMs)),
      startsSegment: this.#startsSegment,
      reason: this.reason,
      endsSegment: false,
    };
    this.#pool.observe(this.#length);
    this.#buffer = undefined;
    this.#length = 0;
    this.#frames = [];
    this.#sounds = [];
    this.#startsSegment = false;
    return chunk;
  }

  /** Releases the memory of a chunk. */
  release({ bytes, sounds }: Chunk): void {
    this.heldBytes -= bytes.length + sounds.reduce((sum, { data }) => sum + data.length, 0);
    if (bytes.length > 0) this.#pool.giveBack(new Uint8Array(bytes.buffer));
  }

  /** Completes the chunk; sound of a new segment came before its first frame, and belongs there. */
  #closeBefore(nextMs: number, startsSegment: boolean): Chunk | undefined {
    const isNext = ({ timeMs }: ChunkSound) => startsSegment && timeMs >= nextMs;
    const next = this.#sounds.filter(isNext);
    this.#sounds = this.#sounds.filter((sound) => !isNext(sound));
    const closed = this.close(nextMs);
    this.#sounds = next;
    return closed;
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
