/**
 * The output that plays the sound.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import { rounded } from "../base/quantity.ts";
import { LipSync } from "../playback/lip_sync.ts";
import { Speaker, type SpeakerOptions } from "../playback/speaker.ts";
import type { Status } from "../program/console.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { ReceivedFrame, ReceivedSound } from "../receive/received.ts";
import { SILENCE } from "../sound/sound_packet.ts";

/** Signs for ever louder sound, 6 dB each. */
const LEVELS = "▁▂▃▄▅▆▇█";
const DB_PER_LEVEL = 6;

/** Plays the sound of one camera; it takes frames only to know how late pictures are. */
export class SoundOutput implements Output {
  /** Never: without sound the picture goes on. */
  readonly ended: Promise<never> = NEVER;
  /** Whether nothing is played. */
  isMuted: boolean;

  #speaker: Speaker;
  #lipSync = new LipSync();
  /** The loudest since the last status; undefined without sound. */
  #levelDb: number | undefined;

  /** @param isMuted whether it begins without playing */
  constructor(options: SpeakerOptions, isMuted = false) {
    this.#speaker = new Speaker(options);
    this.isMuted = isMuted;
  }

  /** Notes how late the picture is. */
  take({ capturedAt }: ReceivedFrame): void {
    if (capturedAt !== undefined) this.#lipSync.picture(now() - capturedAt);
  }

  /** Plays sound, unless it is muted. */
  hear({ packet, capturedAt }: ReceivedSound): void {
    this.#levelDb = Math.min(this.#levelDb ?? SILENCE, packet.level);
    if (this.isMuted) return;
    this.#speaker.holdMs = this.#lipSync.holdMs(this.#speaker.delayMs, performance.now());
    this.#speaker.play(packet, capturedAt);
  }

  /** The loudest of the last second, and the time from the microphone to the ear. */
  status(): Status | undefined {
    const level = this.#levelDb;
    const delayMs = this.isMuted ? undefined : this.#speaker.delayMs;
    this.#levelDb = undefined;
    if (level === undefined) return { text: "", json: { sound_db: null, sound_delay_ms: null } };
    const sign = LEVELS[Math.max(0, LEVELS.length - 1 - Math.floor(level / DB_PER_LEVEL))];
    const heard = delayMs === undefined ? "" : ` ${delayMs.toFixed(0)} ms`;
    return {
      text: `sound ${this.isMuted ? "muted" : `${sign}${heard}`}`,
      json: { sound_db: -level, sound_delay_ms: rounded(delayMs) },
    };
  }

  /** Sets the sound card free. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#speaker[Symbol.asyncDispose]();
  }
}
