/**
 * Decoded sound that waits to be played, and the last of what was played.
 *
 * @module
 */

import { CHANNELS, type Pcm } from "./pcm.ts";

/** Free places kept behind the samples when they are moved to the front. */
const SPARE = 48_000;

/**
 * Samples in order. Counts are in sample frames. The last `kept` frames taken can still be read:
 * index -1 is the last one.
 */
export class SampleQueue {
  #kept: number;
  #samples: Pcm = new Float32Array(SPARE);
  /** Where the next frame to take begins, and where the last one ends. */
  #start: number;
  #end: number;

  /** Makes an empty queue; all was silence before. */
  constructor(kept: number) {
    this.#kept = kept;
    this.#start = this.#end = kept * CHANNELS;
  }

  /** Frames that wait. */
  get length(): number {
    return (this.#end - this.#start) / CHANNELS;
  }

  /** Frames from `from` up to `to`, not copied; negative indexes are frames taken before. */
  slice(from: number, to: number): Pcm {
    return this.#samples.subarray(this.#start + from * CHANNELS, this.#start + to * CHANNELS);
  }

  /** Adds frames at the end. */
  push(pcm: Pcm): void {
    if (this.#end + pcm.length > this.#samples.length) this.#makeRoom(pcm.length);
    this.#samples.set(pcm, this.#end);
    this.#end += pcm.length;
  }

  /** Takes the first `count` frames, at most all; a copy. */
  take(count: number): Pcm {
    const taken = this.slice(0, Math.min(count, this.length)).slice();
    this.#start += taken.length;
    return taken;
  }

  /** Puts frames in place of the first `count` ones. */
  replace(count: number, pcm: Pcm): void {
    const rest = this.slice(count, this.length).slice();
    this.#end = this.#start;
    this.push(pcm);
    this.push(rest);
  }

  /** Remembers frames as taken although they never waited. */
  passed(pcm: Pcm): void {
    const rest = this.slice(0, this.length).slice();
    this.#end = this.#start;
    this.push(pcm);
    this.#start = this.#end;
    this.push(rest);
  }

  #makeRoom(needed: number): void {
    const from = this.#start - this.#kept * CHANNELS;
    const used = this.#samples.subarray(from, this.#end);
    const length = used.length + needed;
    const samples = length + SPARE > this.#samples.length
      ? new Float32Array(length + SPARE)
      : this.#samples;
    samples.set(used);
    this.#samples = samples;
    this.#start -= from;
    this.#end -= from;
  }
}
