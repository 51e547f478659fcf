/**
 * Loud sound, noticed.
 *
 * @module
 */

import type { MotionEvent } from "./motion_sensor.ts";
import { NEVER, type Output } from "./output.ts";
import type { ReceivedSound, ReceiveEvent } from "./received.ts";

/** It must be loud for so long, in milliseconds: levels are measured over 50 ms, a click is shorter. */
const MIN_MS = 60;

/** Options of {@linkcode SoundSensor}. */
export interface SoundSensorOptions {
  /** Sound at least so loud counts, in decibels; 0 is the loudest possible, silence is -127. */
  levelDb: number;
  /** It ends after this long without, in milliseconds. */
  afterMs: number;
  /** Called when it begins and when it ends; each one that begins also ends. */
  onMotion: (event: MotionEvent) => void;
  /** Called when the camera turns out to send no sound. */
  onDeaf?: () => void;
}

/** Follows the level that comes with every packet; nothing is decoded for it. */
export class SoundSensor implements Output {
  /** Never. */
  readonly ended: Promise<never> = NEVER;

  #options: SoundSensorOptions;
  #loudMs = 0;
  #beganAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDeaf = false;

  /** Listens for sound of a level. */
  constructor(options: SoundSensorOptions) {
    this.#options = options;
  }

  /** Frames are silent. */
  take(): void {}

  /** Notices whether the stream has sound. */
  follow(event: ReceiveEvent): void {
    if (event.type !== "stream") return;
    const isDeaf = event.sound === undefined;
    if (isDeaf && !this.#isDeaf) this.#options.onDeaf?.();
    this.#isDeaf = isDeaf;
  }

  /** Judges a packet. */
  hear({ packet: { level, durationMs } }: ReceivedSound): void {
    const { levelDb, afterMs, onMotion } = this.#options;
    this.#loudMs = -level < levelDb ? 0 : this.#loudMs + durationMs;
    if (this.#loudMs < MIN_MS) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), afterMs);
    if (this.#beganAt !== undefined) return;
    this.#beganAt = performance.now();
    onMotion({ type: "began", by: "sound", levelDb: -level });
  }

  /** Ends what is loud. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#beganAt === undefined) return;
    const durationMs = performance.now() - this.#beganAt;
    this.#beganAt = undefined;
    this.#options.onMotion({ type: "ended", durationMs });
  }
}
