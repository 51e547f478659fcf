/**
 * Gives the samples of the microphone to the page, 10 ms at a time. It runs in the browser's own
 * thread for sound (Web Audio API, AudioWorklet).
 *
 * @module
 */

/** 10 ms of 48 kHz. */
const SAMPLES = 480;

class Recorder extends AudioWorkletProcessor {
  #samples = new Float32Array(SAMPLES);
  #count = 0;

  process([[block]]) {
    for (const sample of block ?? []) {
      this.#samples[this.#count++] = sample;
      if (this.#count < SAMPLES) continue;
      this.port.postMessage(this.#samples, [this.#samples.buffer]);
      this.#samples = new Float32Array(SAMPLES);
      this.#count = 0;
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
