/**
 * Whether anything moves in what is received.
 *
 * @module
 */

import { Decoder } from "../jpeg/decoder.ts";
import { messageOf } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { CELLS, MotionDetector } from "./motion.ts";
import { NEVER, type Output } from "./output.ts";
import type { ReceivedFrame } from "./receive.ts";

/** The shortest time between two looks: nothing that matters comes and goes faster. */
const SAMPLE_MS = 200;

/** What happens in the picture. */
export type MotionEvent =
  /** Something moves, in so many percent of the picture. */
  | { type: "began"; score: number }
  /** Nothing has moved for the time after; that is part of the duration. */
  | { type: "ended"; durationMs: number };

/** Options of {@linkcode MotionSensor}. */
export interface MotionSensorOptions {
  /** How much of the picture must change, in percent. */
  areaPercent: number;
  /** How long nothing must move before a motion has ended. */
  afterMs: number;
  /** Called with what happens; each motion that began ends. */
  onMotion: (event: MotionEvent) => void;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Looks at live frames, at most five a second, through a coarse {@linkcode Decoder}: some 3 ms
 * of work each. It never makes anybody wait, and leaves out what comes while it looks.
 */
export class MotionSensor implements Output {
  /** Never: without a decoder nothing moves, and it is started again. */
  readonly ended: Promise<never> = NEVER;

  #options: MotionSensorOptions;
  #detector: MotionDetector;
  #decoder: Decoder;
  #isLooking = false;
  #lookedAt = -Infinity;
  #beganAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @throws {CamcatError} if ffmpeg is not installed */
  constructor(options: MotionSensorOptions) {
    this.#options = options;
    this.#detector = new MotionDetector(options.areaPercent);
    this.#decoder = this.#start();
  }

  /** Looks at a frame if it is time to. */
  take({ frame, live }: ReceivedFrame): void {
    const time = performance.now();
    // NO SIGNAL and the like is no change of what the camera sees.
    if (!live || this.#isLooking || time - this.#lookedAt < SAMPLE_MS) return;
    this.#lookedAt = time;
    this.#look(frame);
  }

  /** Ends a motion, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#decoder[Symbol.asyncDispose]();
  }

  async #look(frame: Frame): Promise<void> {
    this.#isLooking = true;
    frame.retain();
    try {
      if (this.#decoder.hasEnded) this.#decoder = this.#start(); // whatever it stumbled over
      await this.#decoder.decode(frame);
    } catch (error) {
      this.#options.onLine?.(messageOf(error)); // it is tried again with the next
    }
    frame.release();
    this.#isLooking = false;
  }

  #start(): Decoder {
    const { signal, onLine } = this.#options;
    return new Decoder({
      size: CELLS,
      format: "gray",
      fit: "stretch",
      lowres: 3,
      onPicture: (picture) => this.#judge(picture),
      signal,
      ...(onLine === undefined ? {} : { onLine }),
    });
  }

  #judge(picture: Uint8Array): void {
    const { score, isMotion } = this.#detector.add(picture, this.#lookedAt);
    if (!isMotion || this.#options.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), this.#options.afterMs);
    if (this.#beganAt !== undefined) return;
    this.#beganAt = this.#lookedAt;
    this.#options.onMotion({ type: "began", score });
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#beganAt === undefined) return;
    const durationMs = performance.now() - this.#beganAt;
    this.#beganAt = undefined;
    this.#options.onMotion({ type: "ended", durationMs });
  }
}
