/**
 * What comes of a microphone and an ear that are sinks of PulseAudio.
 *
 * @module
 */

import { HEARD_RATE, type Pulse } from "../tests/support/pulse.ts";

/** A click every 0.7 s, for {@linkcode Pulse.play}. */
export const CLICKS = "aevalsrc=exprs='0.8*sin(2*PI*1000*t)*lt(mod(t\\,0.7)\\,0.003)':s=48000";
/** A sample louder than this is a click, or a tone. */
const [CLICK, TONE] = [0.12, 0.02];
/** Clicks are further apart than this, in milliseconds. */
const APART_MS = 350;
/** A tone of 440 Hz is below {@linkcode TONE} for much less than this, in milliseconds. */
const GAP_MS = 5;

/** Hears both, both in the same way, until it is disposed of: what that takes cancels out. */
export class Ear implements AsyncDisposable {
  #clicks: Record<"mic" | "spk", number[]> = { mic: [], spk: [] };
  #samples: Record<"mic" | "spk", number> = { mic: 0, spk: 0 };
  #gaps: number[] = [];
  #hearing: Promise<void>[];
  #isDone = false;

  /**
   * Begins to listen.
   *
   * @param pulse has the sink `spk`
   * @param mic has the sink `mic`
   */
  constructor(pulse: Pulse, mic = pulse) {
    this.#hearing = [this.#hear(mic, "mic"), this.#hear(pulse, "spk")];
  }

  /** When clicks were heard, in milliseconds on the clock of `performance.now()`. */
  get clicks(): readonly number[] {
    return this.#clicks.spk;
  }

  /** How much faster than the microphone the sound card has played, in parts per million. */
  get fastPpm(): number {
    return (this.#samples.spk / this.#samples.mic - 1) * 1e6;
  }

  /** Each click that was heard: when, and how long after it was made, in milliseconds. */
  heard(): { at: number; delayMs: number }[] {
    return this.#clicks.spk.flatMap((at) => {
      const made = this.#clicks.mic.findLast((time) => time < at);
      return made === undefined ? [] : [{ at, delayMs: at - made }];
    });
  }

  /** How long after they were made clicks were heard, in milliseconds. */
  delays(): number[] {
    return this.heard().map(({ delayMs }) => delayMs);
  }

  /** The pauses of a tone, in milliseconds. */
  gaps(): number[] {
    return this.#gaps;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDone = true;
    await Promise.all(this.#hearing);
  }

  async #hear(pulse: Pulse, sink: "mic" | "spk"): Promise<void> {
    let quietMs = 0;
    let hasTone = false;
    const clicks = this.#clicks[sink];
    for await (const samples of pulse.hear(`${sink}.monitor`)) {
      if (this.#isDone) return;
      const now = performance.now();
      this.#samples[sink] += samples.length;
      for (const [index, sample] of samples.entries()) {
        const at = now - (samples.length - index) / HEARD_RATE * 1000;
        const volume = Math.abs(sample);
        if (volume > CLICK && at - (clicks.at(-1) ?? -Infinity) > APART_MS) clicks.push(at);
        if (sink === "mic") continue;
        if (volume > TONE) {
          if (hasTone && quietMs > GAP_MS) this.#gaps.push(quietMs);
          hasTone = true;
          quietMs = 0;
        } else quietMs += 1000 / HEARD_RATE;
      }
    }
  }
}
