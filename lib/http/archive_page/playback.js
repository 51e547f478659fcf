/**
 * Plays a recording on a canvas, with its sound.
 *
 * @module
 */

import { SoundTrack } from "./sound_track.js";

/** From this speed on, one picture of each cluster is enough. */
const SPARSE_SPEED = 8;
/** A longer gap is not waited for, in milliseconds. */
const MAX_GAP_MS = 2000;
/** Behind by more than this, the clock waits for the picture, in milliseconds. */
const MAX_LATE_MS = 200;
/** Time between two looks for more of a recording that is being written. */
const MORE_MS = 500;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A player with a clock of its own, because browsers play no MJPEG. */
export class Playback {
  /** The recording. */
  recording;
  /** The time of the picture, in milliseconds after the start of the recording. */
  ms = 0;

  #canvas;
  #callbacks;
  #sound = new SoundTrack();
  #speed = 1;
  #isPlaying = false;
  /** Counts what was asked for: only the newest may draw. */
  #turn = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {{onChange: () => void, onEnd: () => void, onError: (error: Error) => void}} callbacks
   */
  constructor(canvas, callbacks) {
    this.#canvas = canvas;
    this.#callbacks = callbacks;
  }

  /** Whether it plays. */
  get isPlaying() {
    return this.#isPlaying;
  }

  /** How fast. */
  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = speed;
    if (this.#isPlaying) this.play();
  }

  /** Whether it is silent. */
  get isMuted() {
    return this.#sound.isMuted;
  }

  set isMuted(isMuted) {
    this.#sound.isMuted = isMuted;
    this.#callbacks.onChange();
  }

  /** The time of the picture, in milliseconds since the Unix epoch. */
  get time() {
    return this.recording && this.recording.start + this.ms;
  }

  /** Shows what was recorded at a time. @param isRough whether half a second does not matter */
  seek(recording, ms, isRough = false) {
    const wasPlaying = this.#isPlaying;
    return this.#attempt(async (turn) => {
      if (this.recording !== recording) {
        await recording.load();
        if (turn !== this.#turn) return;
        this.recording = recording;
      }
      if (recording.clusters.length === 0) throw new Error("This recording has no pictures yet.");
      const index = recording.indexAt(ms);
      const pictures = isRough
        ? [await recording.firstPicture(index)]
        : (await recording.cluster(index)).pictures;
      const picture = pictures.findLast((it) => it?.ms <= ms) ?? pictures[0];
      if (picture !== undefined) await this.#draw(picture, turn);
      else if (turn === this.#turn) this.ms = recording.clusters[index][1];
      if (turn === this.#turn && wasPlaying) this.play();
    });
  }

  /** Plays from here on. */
  play() {
    if (this.recording === undefined) return;
    this.#isPlaying = true;
    this.#attempt((turn) => this.#run(turn));
    this.#callbacks.onChange();
  }

  /** Stops here. */
  pause() {
    this.#isPlaying = false;
    this.#turn++;
    this.#sound.stop();
    this.#callbacks.onChange();
  }

  /** Shows the next picture, or the one before. @param {1 | -1} direction */
  step(direction) {
    this.#isPlaying = false;
    return this.#attempt(async (turn) => {
      const picture = await this.#neighbour(direction);
      if (picture !== undefined) await this.#draw(picture, turn);
      else this.#callbacks.onChange();
    });
  }

  async #attempt(action) {
    const turn = ++this.#turn;
    this.#sound.stop();
    try {
      await action(turn);
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#isPlaying = false;
      this.#sound.stop();
      this.#callbacks.onError(error);
      this.#callbacks.onChange();
    }
  }

  async #run(turn) {
    const speed = this.#speed;
    let [fromMs, fromAt] = [this.ms, performance.now()];
    const restart = (ms) => [fromMs, fromAt] = [ms, performance.now()];
    const clock = () => fromMs + (performance.now() - fromAt) * speed;
    let nextMs = this.ms; // sound does not go on where the next picture is not known
    this.#sound.play(this.recording, speed, () => Math.min(clock(), nextMs));
    while (turn === this.#turn) {
      const picture = await this.#following(clock());
      if (turn !== this.#turn) return;
      if (picture === undefined) {
        if (!this.recording.isOpen) break;
        await wait(MORE_MS);
        await this.recording.load();
        restart(this.ms);
        continue;
      }
      nextMs = picture.ms;
      const dueIn = (picture.ms - fromMs) / speed - (performance.now() - fromAt);
      if (picture.ms - this.ms > MAX_GAP_MS || dueIn < -MAX_LATE_MS) restart(picture.ms);
      else if (dueIn > 1) await wait(dueIn);
      await this.#draw(picture, turn);
    }
    if (turn !== this.#turn) return;
    this.#isPlaying = false;
    this.#sound.stop();
    this.#callbacks.onChange();
    this.#callbacks.onEnd();
  }

  /** The newest picture up to a time, or the next one after the one that is shown. */
  async #following(targetMs) {
    const { recording } = this;
    const last = recording.clusters.length - 1;
    const here = recording.indexAt(this.ms);
    if (this.#speed >= SPARSE_SPEED) {
      for (let at = Math.max(here + 1, recording.indexAt(targetMs)); at <= last; at++) {
        const picture = await recording.firstPicture(at);
        if (picture !== undefined) return picture;
      }
      return undefined;
    }
    for (let at = Math.max(here, recording.indexAt(targetMs)); at <= last; at++) {
      const later = (await recording.cluster(at)).pictures.filter(({ ms }) => ms > this.ms);
      if (at < last) recording.cluster(at + 1).catch(() => {}); // in time for it
      if (later.length > 0) return later.findLast(({ ms }) => ms <= targetMs) ?? later[0];
    }
    return undefined;
  }

  async #neighbour(direction) {
    const { recording } = this;
    for (
      let at = recording?.indexAt(this.ms) ?? -1;
      at >= 0 && at < recording.clusters.length;
      at += direction
    ) {
      const { pictures } = await recording.cluster(at);
      const picture = direction > 0
        ? pictures.find(({ ms }) => ms > this.ms)
        : pictures.findLast(({ ms }) => ms < this.ms);
      if (picture !== undefined) return picture;
    }
    return undefined;
  }

  async #draw({ ms, jpeg }, turn) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
    } catch {
      if (turn === this.#turn) this.ms = ms; // a damaged picture: the one before stays
      return;
    }
    if (turn === this.#turn) {
      const { width, height } = bitmap;
      if (this.#canvas.width !== width || this.#canvas.height !== height) {
        Object.assign(this.#canvas, { width, height });
      }
      this.#canvas.getContext("2d").drawImage(bitmap, 0, 0);
      this.ms = ms;
      this.#callbacks.onChange();
    }
    bitmap.close();
  }
}
