/**
 * A viewer that gets pictures of a size, quality or rate that it has asked for.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Size } from "../base/size.ts";
import { MAX_QSCALE, type Rung } from "../rendition/ladder.ts";
import type { Watching } from "../rendition/rendition.ts";
import type { Renditions } from "../rendition/renditions.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import type { FrameSink } from "./frame_sink.ts";

/** How often the choice is made again: the camera may have changed. */
const CHOOSE_MS = 1000;

/** What a viewer asks for. */
export interface Wanted extends Size {
  /** ffmpeg's `-q:v`, from 2 (fine) to 31 (coarse). @default fine, or what `rate` allows */
  qscale?: number;
  /** The most pictures a second. @default the camera's */
  fps?: number;
  /** The most bits a second. @default no limit */
  rate?: number;
}

/** Passes the frames of a rendition to a viewer that does not acknowledge. */
export class RenditionSink implements FrameSink {
  #sink: FrameSink;
  #renditions: Renditions<EncodedFrame>;
  #wanted: Wanted;
  #rung: Rung | undefined;
  #watching: Watching | undefined;
  #generation = -1;
  #chosenAt = -Infinity;
  #dueAt = -Infinity;

  /** @param sink the viewer */
  constructor(sink: FrameSink, renditions: Renditions<EncodedFrame>, wanted: Wanted) {
    this.#sink = sink;
    this.#renditions = renditions;
    this.#wanted = wanted;
  }

  get sentBytes(): number {
    return this.#sink.sentBytes;
  }

  get droppedFrames(): number {
    return this.#sink.droppedFrames;
  }

  get silentSeconds(): number {
    return this.#sink.silentSeconds;
  }

  get settled(): Promise<void> {
    return this.#sink.settled;
  }

  async run(): Promise<string> {
    const reason = await this.#sink.run();
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
    return reason;
  }

  /** Takes the frame of the source if that is what the viewer wants. */
  offer(source: EncodedFrame): void {
    const { time } = source.frame;
    const isOld = time - this.#chosenAt > CHOOSE_MS ||
      this.#generation !== this.#renditions.generation;
    if (isOld) {
      this.#chosenAt = time;
      this.#choose();
    }
    if (this.#watching === undefined) this.#pass(source);
  }

  describe(): void {
    this.#sink.describe();
  }

  tick(): void {
    this.#sink.tick();
  }

  leave(reason: string, patienceMs: number): Promise<void> {
    return this.#sink.leave(reason, patienceMs);
  }

  #choose(): void {
    this.#generation = this.#renditions.generation;
    const rung = this.#fittingRung();
    const isSame = rung?.qscale === this.#rung?.qscale &&
      rung?.size.width === this.#rung?.size.width && rung?.size.height === this.#rung?.size.height;
    if (isSame && this.#watching?.isAlive() !== false) return;
    this.#rung = rung;
    this.#watching?.[Symbol.dispose]();
    this.#watching = rung && this.#renditions.watch(rung, ({ stream }, frame) => {
      this.#pass(new EncodedFrame(frame, stream));
    });
  }

  /** The sharpest rung within all limits. */
  #fittingRung(): Rung | undefined {
    const { width, height, qscale, rate = Infinity } = this.#wanted;
    const ladder = this.#renditions.ladder(defined({ width, height }));
    if (ladder === undefined) return undefined;
    const fps = Math.min(this.#wanted.fps ?? Infinity, this.#renditions.fps);
    const [first, ...rest] = ladder.rungs;
    if (qscale !== undefined && rate === Infinity) {
      return { ...first, qscale: Math.min(MAX_QSCALE, qscale) };
    }
    const bytes = ladder.bytes();
    const fits = (index: number) => bytes[index] * 8 * fps <= rate;
    const index = ladder.rungs.findIndex((rung, index) =>
      fits(index) && (rung.qscale ?? 0) >= (qscale ?? 0)
    );
    return ladder.rungs[index] ?? rest.at(-1) ?? first;
  }

  #pass(encoded: EncodedFrame): void {
    const { fps } = this.#wanted;
    if (fps !== undefined) {
      const { time } = encoded.frame;
      const intervalMs = 1000 / fps;
      if (time < this.#dueAt) return;
      // On the average as often as asked for, although cameras are not punctual.
      this.#dueAt = Math.max(this.#dueAt + intervalMs, time + intervalMs / 2);
    }
    this.#sink.offer(encoded);
  }
}
