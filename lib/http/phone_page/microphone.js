/**
 * The microphone of this browser, as packets of Opus.
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
/** Why the microphone cannot be had, by the name of the error, to others and to the user. */
const REASONS = {
  NotAllowedError: [
    "its user has not allowed the microphone",
    "Allow this page to use the microphone: in the browser's settings for this site.",
  ],
  NotFoundError: ["it has no microphone", "There is no microphone."],
};
const CANNOT_ENCODE = ["its browser cannot encode sound", "This browser cannot encode sound."];
/** The level of silence, in decibels below the loudest possible (RFC 6464). */
const SILENCE = 127;

/** Records and encodes while it is open. */
export class Microphone {
  /** Why there is no sound; empty if there is. */
  problem = "";
  /** The same as a sentence for the user. */
  advice = "";
  /** Whether the user has muted it. */
  isMuted = false;

  #onChange;
  #onPacket;
  #cancelsEcho;
  #attempt;
  #stream;
  #context;
  #encoder;
  #level = SILENCE;
  /** Samples recorded. */
  #position = 0;
  /** When the first sample was recorded, in milliseconds since the Unix epoch. */
  #startedAt;

  /**
   * @param {{onChange: () => void, onPacket: (packet: {data: Uint8Array, time: number, level: number}) => void,
   * cancelsEcho?: boolean}} options `time`: of its first sample, in milliseconds since the Unix
   * epoch; `cancelsEcho`: whether the browser takes out what this page plays
   */
  constructor({ onChange, onPacket, cancelsEcho = false }) {
    this.#onChange = onChange;
    this.#onPacket = onPacket;
    this.#cancelsEcho = cancelsEcho;
  }

  /** Opens the microphone. */
  async open() {
    this.close();
    const attempt = this.#attempt = {};
    try {
      if (!await isSupported()) return this.#fail(...CANNOT_ENCODE);
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: this.#cancelsEcho },
      });
      if (attempt !== this.#attempt) return stop(stream); // it was closed meanwhile
      this.#stream = stream;
      const context = this.#context = new AudioContext({ sampleRate: RATE });
      await context.audioWorklet.addModule(new URL("recorder.js", import.meta.url));
      if (context !== this.#context) return; // it was closed meanwhile
      this.#encoder = new AudioEncoder({
        output: (chunk) => this.#give(chunk),
        error: () => this.#fail(...CANNOT_ENCODE),
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
      if (attempt !== this.#attempt) return;
      this.#fail(
        ...REASONS[error.name] ?? ["it has no microphone", `The browser says: ${error.message}`],
      );
    }
  }

  /** Closes the microphone. */
  close() {
    stop(this.#stream);
    this.#context?.close();
    if (this.#encoder?.state === "configured") this.#encoder.close();
    this.#attempt =
      this.#stream =
      this.#context =
      this.#encoder =
        undefined;
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

  #fail(problem, advice = "") {
    this.problem = problem;
    this.advice = advice;
    this.#onChange();
  }
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

async function isSupported() {
  if (globalThis.AudioEncoder === undefined || globalThis.AudioWorkletNode === undefined) {
    return false;
  }
  const { supported } = await AudioEncoder.isConfigSupported(CONFIG);
  return supported;
}
