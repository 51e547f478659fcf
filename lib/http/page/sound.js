/**
 * The sound of the camera. It comes as WebM over HTTP and plays by Media Source Extensions, which
 * browsers have on http too; WebCodecs they have on https only.
 *
 * @module
 */

const TYPE = "audio/webm; codecs=opus";
/** How much sound may wait to be played, in seconds: more is played faster, and much more is skipped. */
const WANTED_S = 0.1;
const SKIP_S = 0.5;
/** The rate follows in steps, and no faster than is still speech. */
const [RATE_STEP, MAX_RATE] = [0.05, 1.2];
/** How much is kept of what was played, in seconds. */
const KEPT_S = 10;
const RETRY_MS = 1000;

/** Whether this browser can play it. */
export const canPlay = "MediaSource" in globalThis && MediaSource.isTypeSupported(TYPE);

/** Plays the sound of one camera at a time. */
export class Sound {
  /** Plays; undefined while it is off. */
  audio;

  #address;
  #camera;
  #abort;
  #analyser;
  #samples;

  /** @param {string} address where it comes from; a camera is added to it */
  constructor(address = "sound.webm") {
    this.#address = address;
  }

  /** Whether it is on. */
  get isOn() {
    return this.audio !== undefined;
  }

  /** How loud it is: 0 to 1, in even steps of decibels; undefined if that cannot be known. */
  get level() {
    if (this.#analyser === undefined) return undefined;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((sum, sample) => sum + sample * sample, 0);
    const db = 10 * Math.log10(sum / this.#samples.length + 1e-12);
    return Math.min(Math.max(1 + db / 60, 0), 1);
  }

  /** Starts; only in answer to a click or key, as browsers want. */
  start(camera) {
    this.stop();
    this.#camera = camera;
    this.audio = new Audio();
    this.#abort = new AbortController();
    this.#listen(this.audio, this.#abort.signal);
    this.#watchLevel();
  }

  /** Follows a change of the camera. */
  follow(camera) {
    if (this.isOn && camera !== this.#camera) this.start(camera);
  }

  stop() {
    this.#abort?.abort();
    this.audio?.pause();
    this.audio = this.#analyser = undefined;
  }

  /** Plays until `signal` is aborted, and connects again when the connection ends. */
  async #listen(audio, signal) {
    while (!signal.aborted) {
      try {
        await this.#play(audio, signal);
      } catch {
        // the sender is away, or the sound has ended
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #play(audio, signal) {
    const source = new MediaSource();
    const url = URL.createObjectURL(source);
    try {
      audio.src = url;
      audio.play().catch(() => {}); // it begins when there is something to play
      await event(source, "sourceopen", signal);
      const address = new URL(this.#address, document.baseURI);
      if (this.#camera) address.searchParams.set("camera", this.#camera);
      const response = await fetch(address, { signal, cache: "no-store" });
      if (!response.ok) throw new Error(response.statusText);
      const buffer = source.addSourceBuffer(TYPE);
      const reader = response.body.getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        buffer.appendBuffer(value);
        await event(buffer, "updateend", signal);
        this.#keepUp(audio, buffer);
        if (
          audio.currentTime > 3 * KEPT_S &&
          buffer.buffered.start(0) < audio.currentTime - 2 * KEPT_S
        ) {
          buffer.remove(0, audio.currentTime - KEPT_S);
          await event(buffer, "updateend", signal);
        }
      }
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  /** The newest counts: what has piled up is played faster, or skipped. */
  #keepUp(audio, { buffered }) {
    if (buffered.length === 0) return;
    const end = buffered.end(buffered.length - 1);
    const waiting = end - audio.currentTime;
    const isBehind = waiting > SKIP_S || audio.currentTime < buffered.start(buffered.length - 1);
    if (isBehind && end > WANTED_S) audio.currentTime = end - WANTED_S;
    // Twice as much as wanted is played 10 % faster.
    const rate = 1 + Math.max(0, Math.floor((waiting - WANTED_S) / RATE_STEP) * RATE_STEP);
    audio.playbackRate = Math.min(rate, MAX_RATE);
    if (audio.paused) audio.play().catch(() => {});
  }

  /** Measures beside the way to the ear, where browsers can: on the way it would cost time. */
  #watchLevel() {
    const { audio } = this;
    const capture = audio.captureStream ?? audio.mozCaptureStream;
    if (capture === undefined) return;
    audio.addEventListener("playing", () => {
      if (audio !== this.audio || this.#analyser !== undefined) return;
      const context = new AudioContext();
      this.#analyser = context.createAnalyser();
      this.#samples = new Float32Array(this.#analyser.fftSize);
      context.createMediaStreamSource(capture.call(audio)).connect(this.#analyser);
      this.#abort.signal.addEventListener("abort", () => context.close());
    });
  }
}

/** Waits for an event. @throws if `signal` is aborted first */
function event(target, type, signal) {
  return new Promise((resolve, reject) => {
    target.addEventListener(type, resolve, { once: true });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
