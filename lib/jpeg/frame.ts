/**
 * Frames in pooled buffers.
 *
 * A picture is read into memory once and written from that memory to any number of
 * viewers. A buffer keeps room before the picture for a header in the same write.
 *
 * @module
 */

/** Bytes kept free before the picture: the largest header that is put there. */
export const HEADROOM = 128;

/** The default bound on one frame, in bytes. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/**
 * The default bound on one picture, in pixels (width times height): 8K video, 7680x4320. A player
 * needs some 6 bytes for each.
 */
export const MAX_PIXELS = 7680 * 4320;

const MAX_FREE_BUFFERS = 8;

/** The buffer type of frames, the pool and their readers. */
export type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Lends buffers that fit the recent frames, and takes them back. A fresh array per
 * frame costs more than all of the splitting.
 */
export class FramePool {
  #free: Bytes[] = [];
  #usualBytes = 0;
  #minBufferBytes: number;

  /** Never lends less than `minBufferBytes` (a power of two), headroom included. */
  constructor(minBufferBytes = 64 * 1024) {
    this.#minBufferBytes = minBufferBytes;
  }

  /** Takes a buffer of at least `minBytes`. It holds old content. */
  take(minBytes = 0): Bytes {
    const size = this.#sizeFor(Math.max(minBytes, this.#usualBytes));
    const free = this.#free.pop();
    if (free !== undefined && free.length >= size) return free;
    return new Uint8Array(size);
  }

  /** Gives a buffer back. Nothing may look at it afterwards. */
  giveBack(buffer: Bytes): void {
    // A size that is no longer usual goes to the garbage collector.
    if (
      this.#free.length < MAX_FREE_BUFFERS &&
      buffer.length === this.#sizeFor(this.#usualBytes)
    ) {
      this.#free.push(buffer);
    }
  }

  /** Tells the pool what fitted into one buffer; large ones are forgotten slowly. */
  observe(bytes: number): void {
    this.#usualBytes = Math.max(bytes, this.#usualBytes * 0.99);
  }

  #sizeFor(bytes: number): number {
    const wanted = HEADROOM + bytes * 1.25;
    let size = this.#minBufferBytes;
    while (size < wanted) size *= 2;
    return size;
  }
}

/**
 * One picture: a complete JPEG, when it was captured, and its number.
 *
 * The bytes lie in a pooled buffer. {@linkcode Frame.release} gives the buffer
 * back for the next picture; a frame that is never released is simply collected
 * as garbage. After the last release the bytes must not be looked at.
 */
export class Frame {
  /** The JPEG, from its SOI to its EOI marker. */
  readonly jpeg: Bytes;
  /** When its first byte was read, in milliseconds since the Unix epoch (sender's clock). */
  time: number;
  /** Its number within the stream, counted up by one; gaps are dropped frames. */
  seq: number;

  #buffer: Bytes;
  #pool: FramePool | undefined;
  #users = 1;

  /** Describes the JPEG at `[start, end)` of `buffer`; use {@linkcode Frame.from} for plain bytes. */
  constructor(
    buffer: Bytes,
    start: number,
    end: number,
    options: { time: number; seq?: number; pool?: FramePool },
  ) {
    this.#buffer = buffer;
    this.#pool = options.pool;
    this.jpeg = buffer.subarray(start, end);
    this.time = options.time;
    this.seq = options.seq ?? 0;
  }

  /** Makes a frame from a copy of `jpeg`. */
  static from(
    jpeg: Uint8Array,
    options: { time: number; seq?: number },
  ): Frame {
    const buffer = new Uint8Array(HEADROOM + jpeg.length);
    buffer.set(jpeg, HEADROOM);
    return new Frame(buffer, HEADROOM, buffer.length, options);
  }

  /**
   * Writes `header` (at most {@linkcode HEADROOM} bytes) right before the JPEG
   * and gives the two as one piece of memory. A later, shorter header may
   * overwrite the end of an earlier one.
   */
  withHeader(header: Uint8Array): Bytes {
    const start = this.jpeg.byteOffset - header.length;
    this.#buffer.set(header, start);
    return this.#buffer.subarray(
      start,
      start + header.length + this.jpeg.length,
    );
  }

  /** Adds a user: one more {@linkcode Frame.release} is needed. */
  retain(): this {
    this.#users++;
    return this;
  }

  /** Removes a user; the last one gives the buffer back to its pool. */
  release(): void {
    if (--this.#users === 0) this.#pool?.giveBack(this.#buffer);
  }
}

/**
 * Where bytes arrive: the caller reads from its source straight into
 * {@linkcode Intake.space}, says how many came, and a parser takes finished
 * frames out, buffer and all, so that pixels are not copied.
 */
export class Intake {
  /** The memory. Bytes not yet taken are at `[start, end)`. */
  buffer: Bytes;
  /** Index of the first byte that is not yet taken or dropped. */
  start: number;
  /** Index after the last byte that has arrived. */
  end: number;
  #pool: FramePool;
  #first: number;

  /** Uses buffers of `pool`; keeps room for `insertedBytes` to be inserted into each frame. */
  constructor(pool: FramePool, insertedBytes = 0) {
    this.#pool = pool;
    this.#first = HEADROOM + insertedBytes;
    this.start = this.end = this.#first;
    this.buffer = pool.take(insertedBytes);
  }

  /** The free memory to read into. Never empty. */
  space(): Bytes {
    if (this.end === this.buffer.length) this.#makeSpace();
    return this.buffer.subarray(this.end);
  }

  /** Forgets the bytes before `index`. */
  dropUntil(index: number): void {
    this.start = index;
    if (this.start === this.end) this.start = this.end = this.#first;
  }

  /**
   * Inserts `bytes` at `index`: what has arrived before it, from
   * {@linkcode Intake.start} on, moves down into the room kept there, and all after
   * it stays in place. Once for each frame.
   */
  insert(index: number, bytes: Uint8Array): void {
    const { start } = this;
    this.start -= bytes.length;
    this.buffer.copyWithin(this.start, start, index);
    this.buffer.set(bytes, index - bytes.length);
  }

  /** Takes `[start, end)` out as a frame; what arrived after it moves to a new buffer. */
  take(start: number, end: number, time: number): Frame {
    if (end < this.end && (end - start) * 8 < this.buffer.length) {
      // A buffer of its own for each of many small frames would be mostly air.
      const frame = Frame.from(this.buffer.subarray(start, end), { time });
      this.dropUntil(end);
      return frame;
    }
    const frame = new Frame(this.buffer, start, end, {
      time,
      pool: this.#pool,
    });
    this.#pool.observe(end - HEADROOM);
    this.#moveTo(this.#pool.take(this.end - end), end);
    return frame;
  }

  #makeSpace(): void {
    const held = this.end - this.start;
    const old = this.buffer;
    if (this.start > this.#first && held * 2 <= old.length) {
      old.copyWithin(this.#first, this.start, this.end);
      this.start = this.#first;
      this.end = this.#first + held;
    } else {
      this.#pool.observe(old.length);
      this.#moveTo(this.#pool.take(), this.start);
      this.#pool.giveBack(old);
    }
  }

  #moveTo(buffer: Bytes, from: number): void {
    const rest = this.end - from;
    if (rest > 0) buffer.set(this.buffer.subarray(from, this.end), this.#first);
    this.buffer = buffer;
    this.start = this.#first;
    this.end = this.#first + rest;
  }
}
