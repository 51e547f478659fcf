/**
 * Motion detection in received frames.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import { messageOf } from "../base/errors.ts";
import { Decoder } from "../jpeg/decoder.ts";
import type { Frame } from "../jpeg/frame.ts";
import { CELLS, MotionDetector } from "./motion.ts";
import { NEVER, type Output } from "./output.ts";
import type { ReceivedFrame } from "./received.ts";

/** Shortest time between two samples, in milliseconds: no motion of interest is shorter. */
const SAMPLE_MS = 200;

/** The beginning or the end of a motion. */
export type MotionEvent =
  /** Motion has begun; `score` is the changed share of the picture in percent. */
  | { type: "began"; by: "picture"; score: number }
  /** It has become loud; `levelDb` is how loud, in decibels, 0 is the loudest possible. */
  | { type: "began"; by: "sound"; levelDb: number }
  /** Another program has said so; `reason` is its word for it. */
  | { type: "began"; by: "trigger"; reason: string }
  /** There was no motion for `afterMs`, which `durationMs` includes. */
  | { type: "ended"; durationMs: number };

/** Options of {@linkcode MotionSensor}. */
export interface MotionSensorOptions {
  /** How much of the picture must change, in percent. */
  areaPercent: number;
  /** A motion ends after this long without motion, in milliseconds. */
  afterMs: number;
  /** Called when a motion begins and when it ends; each one that begins also ends. */
  onMotion: (event: MotionEvent) => void;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
  /** The largest picture to look at, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Stops the decoder. */
  signal: AbortSignal;
  /** The time in milliseconds, on any steady clock. @default {performance.now} */
  now?: () => number;
}

/**
 * Samples live frames, at most five a second, through a coarse {@linkcode Decoder}: some 3 ms of
 * processor time each. It takes every frame at once, and skips those that come during a sample.
 */
export class MotionSensor implements Output {
  /** Never: a decoder that exits is restarted. */
  readonly ended: Promise<never> = NEVER;

  #options: MotionSensorOptions;
  #now: () => number;
  #detector: MotionDetector;
  #decoder: Decoder;
  #isSampling = false;
  #sampledAt = -Infinity;
  #beganAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws {CamcatError} if ffmpeg is not installed */
  constructor(options: MotionSensorOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#detector = new MotionDetector(options.areaPercent);
    this.#decoder = this.#start();
  }

  /** Samples a frame if it is time for one. */
  take({ frame, live }: ReceivedFrame): void {
    const time = this.#now();
    // A NO SIGNAL picture is not a change in front of the camera.
    if (!live || this.#isSampling || time - this.#sampledAt < SAMPLE_MS) return;
    this.#sampledAt = time;
    this.#sample(frame);
  }

  /** Ends a motion in progress, and stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#decoder[Symbol.asyncDispose]();
  }

  async #sample(frame: Frame): Promise<void> {
    this.#isSampling = true;
    frame.retain();
    try {
      if (this.#decoder.hasEnded) this.#decoder = this.#start();
      await this.#decoder.decode(frame);
    } catch (error) {
      this.#options.onLine?.(messageOf(error)); // the next frame is another try
    }
    frame.release();
    this.#isSampling = false;
  }

  #start(): Decoder {
    const { signal, onLine, maxPixels } = this.#options;
    return new Decoder({
      size: CELLS,
      format: "gray",
      fit: "stretch",
      lowres: 3,
      maxPixels,
      onPicture: (picture) => this.#judge(picture),
      signal,
      ...defined({ onLine }),
    });
  }

  #judge(picture: Uint8Array): void {
    const { score, isMotion } = this.#detector.add(picture, this.#sampledAt);
    if (!isMotion || this.#options.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), this.#options.afterMs);
    if (this.#beganAt !== undefined) return;
    this.#beganAt = this.#sampledAt;
    this.#options.onMotion({ type: "began", by: "picture", score });
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#beganAt === undefined) return;
    const durationMs = this.#now() - this.#beganAt;
    this.#beganAt = undefined;
    this.#options.onMotion({ type: "ended", durationMs });
  }
}
