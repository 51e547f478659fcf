/**
 * The sound of a camera. It comes as WebM over HTTP, libopus in WebAssembly decodes it, and Web
 * Audio plays it: browsers have all of that on http too. By Media Source Extensions it would be
 * heard some 70 ms later.
 *
 * @module
 */

import { RATE, SoundQueue } from "./sound_queue.js";
import { WebmReader } from "./webm_reader.js";

const RETRY_MS = 1000;

/** Whether this browser can play it. */
export const canPlay = "AudioContext" in globalThis && "WebAssembly" in globalThis;

/** Plays the sound of one camera at a time. */
export class Sound {
  #address;
  #camera;
  /** Both are undefined while it is off. */
  #context;
  #analyser;
  #abort;

  /** @param {string} address where it comes from; a camera is added to it */
  constructor(address = "sound.webm") {
    this.#address = address;
  }

  /** Whether it is on. */
  get isOn() {
    return this.#context !== undefined;
  }

  /** How loud it is: 0 to 1, in even steps of decibels; undefined while it is off. */
  get level() {
    if (!this.isOn) return undefined;
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    const sum = samples.reduce((sum, sample) => sum + sample * sample, 0);
    const db = 10 * Math.log10(sum / samples.length + 1e-12);
    return Math.min(Math.max(1 + db / 60, 0), 1);
  }

  /** Starts; only in answer to a click or key, as browsers want. */
  start(camera) {
    this.stop();
    this.#camera = camera;
    this.#context = new AudioContext({ latencyHint: "interactive", sampleRate: RATE });
    this.#context.resume();
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.connect(this.#context.destination);
    this.#abort = new AbortController();
    this.#listen(this.#abort.signal);
  }

  /** Follows a change of the camera. */
  follow(camera) {
    if (this.isOn && camera !== this.#camera) this.start(camera);
  }

  stop() {
    this.#abort?.abort();
    this.#context?.close();
    this.#context = this.#analyser = undefined;
  }

  /** Plays until `signal` is aborted, and connects again when the connection ends. */
  async #listen(signal) {
    const queue = new SoundQueue(this.#context, this.#analyser);
    while (!signal.aborted) {
      try {
        await this.#play(queue, signal);
      } catch {
        // the sender is away, or the sound has ended
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #play(queue, signal) {
    const decoder = await loadDecoder();
    const address = new URL(this.#address, document.baseURI);
    if (this.#camera) address.searchParams.set("camera", this.#camera);
    try {
      const response = await fetch(address, { signal, cache: "no-store" });
      if (!response.ok) throw new Error(response.statusText);
      const webm = new WebmReader();
      const body = response.body.getReader();
      for (;;) {
        const { value, done } = await body.read();
        if (done) return;
        for (const packet of webm.read(value)) {
          const { channelData, samplesDecoded } = decoder.decodeFrame(packet);
          if (samplesDecoded > 0) queue.put(channelData);
        }
      }
    } finally {
      decoder.free();
    }
  }
}

/** A decoder with memory of its own; it is fetched when it is needed first. */
async function loadDecoder() {
  await import("./opus_decoder.js"); // no module, but a script: it makes a global of this name
  const decoder = new globalThis["opus-decoder"].OpusDecoder({ channels: 2 });
  await decoder.ready;
  return decoder;
}
