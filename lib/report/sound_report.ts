/**
 * Reports on the sound of one camera of the sender: whether the microphone is open, and how loud it is.
 *
 * @module
 */

import type { CamcatError } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import type { Console, Status } from "../program/console.ts";
import type { SoundChannel } from "../send/sound_channel.ts";
import type { CaptureState } from "../send/supervisor.ts";

/** Steps of the level meter, from silence at 60 dB below the loudest. */
const METER_STEPS = 10;
const METER_DB = 60;

/** Reports what a microphone does on a {@linkcode Console}. */
export class MicrophoneReport {
  #console: Console;
  #camera: string;
  #name = "microphone";

  /** Reports on the microphone that goes with a camera. */
  constructor(console: Console, camera: string) {
    this.#console = console;
    this.#camera = camera;
  }

  /** Says which microphone it is. */
  named(name: string): void {
    this.#name = name;
  }

  /** Reports what the capture does now, and with `error` why it was lost. */
  capture(state: CaptureState, error?: CamcatError): void {
    const event = { event: "microphone", state, camera: this.#camera };
    if (error !== undefined) {
      this.#console.warn({ ...event, reason: error.message }, `${error.message}. Trying again`);
      return;
    }
    if (state === "starting") return this.#console.event(event);
    const texts: Partial<Record<CaptureState, string>> = {
      live: `The microphone is open: ${safeText(this.#name)} is sent with ${this.#camera}`,
      idle: `The microphone is closed until someone listens to ${this.#camera}`,
    };
    const named = state === "live" ? { ...event, microphone: this.#name } : event;
    this.#console.event(named, texts[state]);
  }
}

/** The figures of a camera's sound, to be added to those of its pictures. */
export function soundStatus(sound: SoundChannel): Status | undefined {
  const { state, level, viewers: listeners, packets, dropped } = sound;
  if (state === undefined) return undefined;
  const word = state.live ? meter(level) : state.reason === "" ? "[off]" : "[lost]";
  return {
    text: `  sound ${word} ${listeners} listening`,
    json: { sound: { live: state.live, level_db: -level, listeners, packets, dropped } },
  };
}

/** A level as a bar: `[####------]`. */
function meter(level: number): string {
  const steps = Math.round((1 - Math.min(level, METER_DB) / METER_DB) * METER_STEPS);
  return `[${"#".repeat(steps).padEnd(METER_STEPS, "-")}]`;
}
