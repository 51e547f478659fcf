/**
 * The phone's microphone, as packets of Opus.
 *
 * @module
 */

import { now } from "../page/wire.js";

/** Opus counts in 48 kHz (RFC 6716). */
const RATE = 48_000;
const CONFIG = {
  codec: "opus",
  sampleRate: RATE,
  numberOfChannels: 1,
  bitrate: 32_000,
  opus: { frameDuration: 10_000 },
};
/** The level of silence, in decibels below the loudest possible (RFC 6464). */
const SILENCE = 127;

/** Records and encodes while it is open. */
export class Microphone {
  /** Why there is no sound; empty if there is. */
  problem = "";
  /** Whether the user has muted it. */
  isMuted = false;

  #onChange;
  #onPacket;
  #stream;
  #context;
  #encoder;
  #level = SILENCE;
  /** Samples recorded. */
  #position = 0;
  /** When the first sample was recorded, in milliseconds since the Unix epoch. */
  #startedAt;

  /**
   * @param {{onChange: () => void, onPacket: (packet: {data: Uint8Array, time: number, level: number}) => void}}
   * options `time`: of its first sample, in milliseconds since the Unix epoch
   */
  constructor({ onChange, onPacket }) {
    this.#onChange = onChange;
    this.#onPacket = onPacket;
  }

  /** Opens the microphone. */
  async open() {
    this.close();
    try {
      if (!await isSupported()) return this.#fail("its browser cannot encode sound");
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: false },
      });
      const context = this.#context = new AudioContext({ sampleRate: RATE });
      await context.audioWorklet.addModule(new URL("recorder.js", import.meta.url));
      if (context !== this.#context) return; // it was closed meanwhile
      this.#encoder = new AudioEncoder({
        output: (chunk) => this.#give(chunk),
        error: () => this.#fail("its browser cannot encode sound"),
      });
      this.#encoder.configure(CONFIG);
      this.#position = 0;
      this.#startedAt = undefined;
      const recorder = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
      recorder.port.onmessage = ({ data }) => this.#take(data);
      context.createMediaStreamSource(this.#stream).connect(recorder);
      await context.resume();
      this.#fail("");
    } catch (error) {
      const isRefused = error.name === "NotAllowedError";
      this.#fail(isRefused ? "its user has not allowed the microphone" : "it has no microphone");
    }
  }

  /** Closes the microphone. */
  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#context?.close();
    if (this.#encoder?.state === "configured") this.#encoder.close();
    this.#stream = this.#context = this.#encoder = undefined;
  }

  /** Some browsers let sound begin only when the user has touched the page. */
  touched() {
    if (this.#context?.state === "suspended") this.#context.resume();
  }

  /** Encodes 10 ms. @param {Float32Array} samples */
  #take(samples) {
    if (this.#encoder?.state !== "configured") return;
    // Blocks arrive late, and never early: the earliest tells when the recording began.
    const startedAt = now() - (this.#position + samples.length) / RATE * 1000;
    this.#startedAt = Math.min(this.#startedAt ?? startedAt, startedAt);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    this.#level = Math.min(SILENCE, Math.max(0, Math.round(-10 * Math.log10(power))));
    this.#encoder.encode(
      new AudioData({
        format: "f32-planar",
        sampleRate: RATE,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: this.#position / RATE * 1e6,
        data: samples,
      }),
    );
    this.#position += samples.length;
  }

  #give(chunk) {
    if (this.isMuted) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#onPacket({ data, time: this.#startedAt + chunk.timestamp / 1000, level: this.#level });
  }

  #fail(problem) {
    this.problem = problem;
    this.#onChange();
  }
}

async function isSupported() {
  if (globalThis.AudioEncoder === undefined || globalThis.AudioWorkletNode === undefined) {
    return false;
  }
  const { supported } = await AudioEncoder.isConfigSupported(CONFIG);
  return supported;
}
