/**
 * All renditions of one camera.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { qscaleOf } from "./quality.ts";
import { ladderOf, type LadderSource, type Rung } from "./ladder.ts";
import { LoadBudget } from "./load_budget.ts";
import { type Item, Rendition, type Take, type Watching } from "./rendition.ts";

/** How much of a new measurement goes into a running mean. */
const GAIN = 0.1;
/** Of how many frames one is looked at: sizes and qualities change seldom. */
const LOOK_EVERY = 15;
/** How many times as coarse or fine the source has to become before there is another ladder. */
const QSCALE_CHANGE = 1.5;
/** Encoders of one camera at the same time. */
const MAX_RUNNING = 8;

/** Options of {@linkcode Renditions}. */
export interface RenditionsOptions {
  /**
   * The processor time of the encoders, which cameras may share.
   *
   * @default {half of this machine's cores}
   */
  budget?: LoadBudget | undefined;
  /** Called with every line that an encoder writes, and with why one failed. */
  onLine?: ((line: string) => void) | undefined;
  /** Called once, when the encoders cannot keep up with the camera. */
  onSlow?: (() => void) | undefined;
}

/** A ladder with the bytes of a picture at each rung. */
export interface Ladder {
  /** The rungs, the sharpest first. */
  readonly rungs: readonly Rung[];
  /** Bytes of a picture at each: measured while it is in use, else estimated. */
  bytes(): number[];
}

/** Makes the renditions of a stream when they are watched, and ends them when they are not. */
export class Renditions<T extends Item> {
  /** Changes with the ladders: those made before fit the source no more. */
  generation = 0;

  #options: RenditionsOptions;
  #budget: LoadBudget;
  #source: LadderSource | undefined;
  #meanBytes: number | undefined;
  #meanQscale = 0;
  #count = 0;
  #running = new Map<string, Rendition<T>>();
  #intervalMs = 0;
  #lastTime: number | undefined;
  #isSlow = false;
  #closing: Promise<unknown> = Promise.resolve();

  /** Has nothing to make renditions of yet. */
  constructor(options: RenditionsOptions = {}) {
    this.#options = options;
    this.#budget = options.budget ?? new LoadBudget();
  }

  /** Pictures a second that the source gives; Infinity until that is known. */
  get fps(): number {
    return 1000 / this.#intervalMs;
  }

  /** Whether there are none at all. */
  get isOff(): boolean {
    return this.#budget.isNothing;
  }

  /** Bytes of a picture of the source, a running mean. */
  get sourceBytes(): number {
    return this.#meanBytes ?? 0;
  }

  /**
   * Whether a viewer that chooses freely may go over to a rung now; then it has to.
   *
   * @param isNeeded whether it could hardly do without
   */
  mayWatch(rung: Rung, now: number, isNeeded: boolean): boolean {
    return this.#running.get(nameOf(rung))?.isRunning === true ||
      this.#budget.mayStart(now, isNeeded);
  }

  /** Whether the machine is short of time: who can do without an encoder should. */
  isShort(now: number): boolean {
    return this.#budget.isShort(now);
  }

  /** Records that an encoder does not keep up. */
  tellShort(now: number): void {
    this.#budget.tellShort(now);
  }

  /** How many encoders run. */
  get running(): number {
    return [...this.#running.values()].filter(({ isRunning }) => isRunning).length;
  }

  /** Takes the newest frame. @param isLive whether it is the camera's, not one of our own */
  offer(item: T, isLive: boolean): void {
    if (this.isOff) return;
    if (isLive) this.#look(item);
    for (const rendition of this.#running.values()) rendition.offer(item);
  }

  /** The ladder for pictures of at most `maxSize`; undefined while there can be none. */
  ladder(maxSize?: Size): Ladder | undefined {
    const source = this.#source;
    if (source === undefined || this.isOff) return undefined;
    const rungs = ladderOf(source, maxSize);
    return { rungs, bytes: () => this.#bytesOf(rungs) };
  }

  /**
   * Gives the frames of a rung to `take` until the result is disposed of; undefined if that cannot
   * be made now. The rung must be of the current {@linkcode Renditions.generation}.
   */
  watch(rung: Rung, take: Take<T>): Watching | undefined {
    const { size, qscale } = rung;
    const source = this.#source?.size;
    if (qscale === undefined || source === undefined) return undefined;
    const name = nameOf(rung);
    let rendition = this.#running.get(name);
    if (rendition === undefined) {
      if (!this.#makeRoom()) return undefined;
      const { onLine } = this.#options;
      rendition = new Rendition<T>({
        source,
        size,
        qscale,
        budget: this.#budget,
        onLine: onLine && ((line) => onLine(`${name}: ${line}`)),
      });
      this.#running.set(name, rendition);
    }
    if (rendition.hasFailed) return undefined;
    return rendition.watch(take);
  }

  /** Ends all; the next frame begins anew. Resolves when every encoder has exited. */
  async close(): Promise<void> {
    const closing = [...this.#running.values()].map((rendition) => rendition.close());
    this.#running.clear();
    this.#source = undefined;
    this.generation++;
    this.#closing = Promise.all([this.#closing, ...closing]);
    await this.#closing;
  }

  /** Forgets those that have ended. @returns whether one more may be started */
  #makeRoom(): boolean {
    for (const [name, rendition] of this.#running) {
      if (!rendition.isRunning && !rendition.hasFailed) this.#running.delete(name);
    }
    return this.running < MAX_RUNNING;
  }

  #look({ frame }: T): void {
    const { length } = frame.jpeg;
    this.#meanBytes = mean(this.#meanBytes ?? length, length);
    if (this.#lastTime !== undefined && frame.time > this.#lastTime) {
      const interval = Math.min(frame.time - this.#lastTime, 1000);
      this.#intervalMs = mean(this.#intervalMs || interval, interval);
    }
    this.#lastTime = frame.time;
    this.#tellSlow();
    // While encoders run, none may get a picture of another size.
    const isDue = this.#count++ % LOOK_EVERY === 0 || this.#running.size > 0;
    if (this.#source !== undefined && !isDue) return;
    const size = sizeOf(frame.jpeg);
    const qscale = qscaleOf(frame.jpeg);
    if (size === undefined || qscale === undefined) return;
    const old = this.#source?.size;
    if (old?.width !== size.width || old.height !== size.height) {
      this.close();
      this.#meanBytes = length;
      this.#meanQscale = qscale;
      this.#source = { size, qscale };
      return;
    }
    // Cameras with a fixed bit rate vary it all the time.
    this.#meanQscale = mean(this.#meanQscale, qscale);
    const change = this.#meanQscale / this.#source!.qscale;
    if (change < QSCALE_CHANGE && change > 1 / QSCALE_CHANGE) return;
    this.#source = { size, qscale: this.#meanQscale };
    this.generation++;
  }

  #tellSlow(): void {
    if (this.#isSlow) return;
    for (const { isRunning, keepsUp } of this.#running.values()) {
      if (!isRunning || keepsUp) continue;
      this.#isSlow = true;
      this.#options.onSlow?.();
      return;
    }
  }

  /** Bytes of a picture at each rung, with the estimates corrected by what was measured. */
  #bytesOf(rungs: readonly Rung[]): number[] {
    const source = this.#meanBytes ?? 0;
    // Asked for by every viewer many times a second, mostly while no encoder runs.
    if (this.#running.size === 0) return rungs.map(({ share }) => share * source);
    const measured = rungs.map((rung) => this.#running.get(nameOf(rung))?.meanBytes);
    const errors = rungs.flatMap(({ share }, index) => {
      const bytes = measured[index];
      return bytes === undefined ? [] : [bytes / (share * source)];
    });
    const correction = errors.length === 0 ? 1 : errors.reduce((a, b) => a + b) / errors.length;
    const bytes = rungs.map(({ qscale, share }, index) =>
      qscale === undefined ? source : measured[index] ?? share * source * correction
    );
    // Sharper ones are larger, also where one was measured and its neighbour was not.
    return bytes.map((_, index) => Math.max(...bytes.slice(index)));
  }
}

function nameOf({ size: { width, height }, qscale }: Rung): string {
  return `${width}x${height} q${qscale}`;
}

function mean(before: number, value: number): number {
  return before + (value - before) * GAIN;
}
