/**
 * A stream at one smaller size and quality, shared by all viewers on it.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { now } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Size } from "../base/size.ts";
import type { Frame } from "../jpeg/frame.ts";
import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { LoadBudget } from "./load_budget.ts";
import { Transcoder } from "./transcoder.ts";

/** How long a rendition that nobody watches goes on: a viewer may change its mind. */
const LINGER_MS = 4000;
/** How much of a new measurement goes into a running mean. */
const GAIN = 0.1;
/** The same for whether a picture was encoded: about a second counts. */
const ENCODED_GAIN = 0.03;
/** An encoder keeps up if it encodes at least this share of the pictures. */
const KEEPS_UP = 0.75;
/** Failures in a row, after which it is no longer started. */
const MAX_FAILURES = 3;

/** Options of {@linkcode Rendition}. */
export interface RenditionOptions {
  /** Of the source's pictures, in pixels. */
  source: Required<Size>;
  /** Of the pictures, in pixels. */
  size: Required<Size>;
  /** ffmpeg's `-q:v`. */
  qscale: number;
  /** The processor time that it shares with others. */
  budget: LoadBudget;
  /** Called with every line that ffmpeg writes to its standard error, and with why it failed. */
  onLine?: ((line: string) => void) | undefined;
}

/** What frames come with, which a rendition keeps. */
export interface Item {
  /** The picture. */
  readonly frame: Frame;
}

/** Receives the frames of a rendition; each is released after the call. */
export type Take<T extends Item> = (source: T, frame: Frame) => void;

/** A viewer's hold on a rendition. Disposing of it gives it up. */
export interface Watching extends Disposable {
  /** Whether there will be frames: not once the source has changed its size, or ffmpeg has failed. */
  isAlive(): boolean;
  /** Whether nearly every picture of the source is encoded. */
  keepsUp(): boolean;
}

/**
 * One ffmpeg, from when the first viewer comes until some seconds after the last has left. It gets
 * the newest frame when it has finished the one before, so that it never falls behind.
 */
export class Rendition<T extends Item> {
  /** Bytes of its latest pictures, a running mean; undefined until there is one. */
  meanBytes: number | undefined;
  /** What one picture takes, in milliseconds, a running mean. */
  encodeMs = 0;

  /** The share of the latest pictures that were encoded, a running mean. */
  #encoded = 1;
  #options: RenditionOptions;
  #slot = new LatestSlot<T>();
  #takers = new Set<Take<T>>();
  #stop: AbortController | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  #isClosed = false;

  /** Starts nothing yet. */
  constructor(options: RenditionOptions) {
    this.#options = options;
  }

  /** Whether ffmpeg runs. */
  get isRunning(): boolean {
    return this.#stop !== undefined;
  }

  /** Whether ffmpeg has failed so often that it is no longer started. */
  get hasFailed(): boolean {
    return this.#failures >= MAX_FAILURES;
  }

  /** Whether nearly every picture of the source is encoded. */
  get keepsUp(): boolean {
    return this.#encoded >= KEEPS_UP;
  }

  /** Gives its frames to `take` until the result is disposed of. */
  watch(take: Take<T>): Watching {
    this.#takers.add(take);
    clearTimeout(this.#linger);
    if (!this.isRunning && !this.#isClosed) this.#running = this.#run();
    return {
      isAlive: () => this.isRunning,
      keepsUp: () => this.keepsUp,
      [Symbol.dispose]: () => {
        if (!this.#takers.delete(take) || this.#takers.size > 0) return;
        this.#linger = setTimeout(() => this.#end(), LINGER_MS);
      },
    };
  }

  /** Takes the newest frame of the source, if anybody watches. */
  offer(item: T): void {
    if (!this.isRunning || this.#takers.size === 0) return;
    const hasMissed = this.#slot.put(item);
    // While ffmpeg starts, it says nothing of its speed.
    if (this.encodeMs > 0) this.#encoded += ((hasMissed ? 0 : 1) - this.#encoded) * ENCODED_GAIN;
    this.#wake?.();
  }

  /** Ends ffmpeg for good, whether anybody watches or not. Resolves when it has exited. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#end();
    await this.#running;
  }

  #end(): void {
    clearTimeout(this.#linger);
    this.#stop?.abort();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    const stop = this.#stop = new AbortController();
    this.encodeMs = 0;
    this.#encoded = 1;
    try {
      while (!stop.signal.aborted && !this.hasFailed) await this.#encode(stop.signal);
    } finally {
      this.#stop = undefined;
      this.#slot.clear();
    }
    // A viewer may have come while ffmpeg was ending.
    if (this.#takers.size > 0 && !this.#isClosed && !this.hasFailed) await this.#run();
  }

  /** Runs one ffmpeg to its end. */
  async #encode(signal: AbortSignal): Promise<void> {
    const { source, size, qscale, onLine } = this.#options;
    try {
      await using transcoder = new Transcoder({ source, size, qscale, onLine, signal });
      for (let isFirst = true;;) {
        const item = await this.#next(signal);
        if (item === undefined) return;
        const began = now();
        const frame = await transcoder.encode(item.frame);
        // The first one waits for ffmpeg to start, which says nothing of the others.
        const tookMs = isFirst ? this.encodeMs : now() - began;
        isFirst = false;
        if (frame !== undefined) this.#give(item, frame, tookMs);
        item.frame.release();
        if (signal.aborted) return;
        if (frame === undefined) break;
        this.#failures = 0;
        await this.#rest(tookMs, signal);
      }
      onLine?.(`the encoder of ${size.width}x${size.height} gave no picture`);
    } catch (error) {
      onLine?.(messageOf(error));
    }
    this.#failures++;
  }

  /** The newest frame, as soon as there is one; undefined when it is stopped. */
  async #next(signal: AbortSignal): Promise<T | undefined> {
    while (!signal.aborted) {
      const item = this.#slot.take();
      if (item !== undefined) return item;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return undefined;
  }

  #give(source: T, frame: Frame, tookMs: number): void {
    const bytes = frame.jpeg.length;
    this.meanBytes = mean(this.meanBytes ?? bytes, bytes);
    this.encodeMs = mean(this.encodeMs || tookMs, tookMs);
    for (const take of this.#takers) take(source, frame);
    frame.release();
  }

  /** Leaves the processor alone until there is time for another picture. */
  async #rest(tookMs: number, signal: AbortSignal): Promise<void> {
    const { budget } = this.#options;
    budget.spend(tookMs);
    const restMs = budget.waitMs(now());
    if (restMs >= 1) await wait(restMs, signal);
  }
}

function mean(before: number, value: number): number {
  return before + (value - before) * GAIN;
}
