/**
 * Plays the sound of a recording beside its pictures, by Media Source Extensions: browsers play Opus
 * in WebM on http, too.
 *
 * @module
 */

import { webmCluster, webmHead } from "./webm.js";

const TYPE = "audio/webm; codecs=opus";
/** Speech is still speech up to this speed. */
const MAX_SPEED = 2;
/** So much sound waits to be played, and so much is kept of what was, in milliseconds. */
const [AHEAD_MS, KEPT_MS] = [3000, 10_000];
/** Sound that is further away from its picture waits for it, or catches up, in milliseconds. */
const MAX_APART_MS = 120;
/** How long it takes to catch up, in milliseconds. */
const SEEK_MS = 50;
/** Time between two looks at the clock. */
const LOOK_MS = 50;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Plays what belongs to the pictures, which do not wait for it. */
export class SoundTrack {
  /** Whether it is silent. */
  isMuted = false;

  #abort;

  /**
   * Plays until {@linkcode SoundTrack.stop}, as far as there is sound and the browser can play it.
   *
   * @param {import("./recording.js").Recording} recording
   * @param {number} speed
   * @param {() => number} now where it plays, in milliseconds after the start of `recording`
   */
  play(recording, speed, now) {
    this.stop();
    if (globalThis.MediaSource?.isTypeSupported(TYPE) !== true || speed > MAX_SPEED) return;
    this.#abort = new AbortController();
    this.#run(recording, speed, now, this.#abort.signal).catch(() => {}); // pictures say what fails
  }

  /** Stops at once. */
  stop() {
    this.#abort?.abort();
  }

  async #run(recording, speed, now, signal) {
    let player;
    try {
      for (let next = recording.indexAt(now()); !signal.aborted;) {
        next = Math.max(next, recording.indexAt(now()));
        const at = recording.clusters[next];
        if (at !== undefined && at[1] < now() + AHEAD_MS) {
          const { sounds } = await recording.cluster(next++);
          if (sounds.length === 0 || signal.aborted) continue;
          player ??= await Player.open(sounds[0].opus, speed);
          await player.append(webmCluster(sounds), now());
        } else {
          await wait(LOOK_MS);
        }
        player?.follow(now(), this.isMuted);
      }
    } finally {
      player?.close();
    }
  }
}

/** An audio element, and what it plays. */
class Player {
  #audio = new Audio();
  #source = new MediaSource();
  #url = URL.createObjectURL(this.#source);
  #buffer;

  /** @param {Uint8Array} packet the first, which tells the channels */
  static async open(packet, speed) {
    const player = new Player();
    const audio = player.#audio;
    audio.src = player.#url;
    audio.playbackRate = audio.defaultPlaybackRate = speed;
    await changed(player.#source, "sourceopen");
    player.#buffer = player.#source.addSourceBuffer(TYPE);
    await player.append(webmHead(packet));
    return player;
  }

  /** Takes more WebM, and forgets what was played long before `now`. */
  async append(bytes, now = 0) {
    this.#buffer.appendBuffer(bytes);
    await changed(this.#buffer, "updateend");
    if (now <= 2 * KEPT_MS) return;
    this.#buffer.remove(0, (now - KEPT_MS) / 1000);
    await changed(this.#buffer, "updateend");
  }

  /** Plays what belongs to a time, in milliseconds. */
  follow(now, isMuted) {
    const audio = this.#audio;
    audio.muted = isMuted;
    const aheadMs = audio.currentTime * 1000 - now;
    if (aheadMs > MAX_APART_MS) return audio.pause();
    const target = (now + SEEK_MS) / 1000;
    if (aheadMs < -MAX_APART_MS && this.#has(target)) audio.currentTime = target;
    if (audio.paused) audio.play().catch(() => {}); // not before the page was touched
  }

  #has(seconds) {
    const { buffered } = this.#buffer;
    return Array.from({ length: buffered.length }, (_, at) => at)
      .some((at) => buffered.start(at) <= seconds && seconds < buffered.end(at));
  }

  close() {
    this.#audio.pause();
    URL.revokeObjectURL(this.#url);
  }
}

/** Waits for an event; what fails instead has an end, too. */
function changed(target, type) {
  return new Promise((resolve, reject) => {
    target.addEventListener(type, resolve, { once: true });
    target.addEventListener("error", reject, { once: true });
    target.addEventListener("sourceclose", reject, { once: true });
  });
}
