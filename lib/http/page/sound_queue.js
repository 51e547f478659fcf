/**
 * Decoded sound on its way to the ear, by Web Audio, which browsers have on http too.
 *
 * @module
 */

/** Samples per second. */
export const RATE = 48_000;

/** The least that waited counts for this long, and for as much before it, in seconds. */
const WINDOW_S = 1;
/** What has to wait at least when a packet comes: more, for a while, after one has come late. */
const [RESERVE_S, MAX_RESERVE_S] = [0.005, 0.1];
/** Lateness counts at least and at most as this; a longer one was a stop, not unsteadiness. */
const [MIN_LATE_S, MAX_LATE_S, STOP_S] = [0.002, 0.02, 0.5];
/** Lateness in the beginning says little: everything has just been started. */
const BEGIN_S = 2;
/** In this time a reserve that is not needed any more falls to a third, in seconds. */
const FORGET_S = 30;
/** Differences below this are left alone. */
const TOLERANCE_S = 0.004;
/** So much of a difference is made good in a second, and at most this share of the sound. */
const [HASTE, MAX_CHANGE] = [1, 0.05];
/** What is beyond this is thrown away. */
const MAX_EXCESS_S = 0.1;
/** How long sound fades out and in where it is interrupted. */
const FADE_S = 0.004;

/**
 * Plays packet after packet without a pause. What has waited for nothing is made good by playing a
 * little faster, and so is a clock of the sound card that is not that of the microphone.
 */
export class SoundQueue {
  #context;
  #output;
  /** When the last packet ends, and when it begins to fade out, on the clock of the context. */
  #end = 0;
  #fadesAt = 0;
  /** Whether the next packet does not continue the last one. */
  #isBroken = false;
  #startedAt;
  #reserve = RESERVE_S;
  #least = Infinity;
  #leastBefore = Infinity;
  #windowEnds = 0;

  /**
   * @param {AudioContext} context its rate is {@linkcode RATE}
   * @param {AudioNode} destination
   */
  constructor(context, destination) {
    this.#context = context;
    this.#output = context.createGain();
    this.#output.connect(destination);
  }

  /** How long a packet that comes now would wait, in seconds. */
  get waiting() {
    return this.#end - this.#context.currentTime;
  }

  /** Plays a packet. @param {Float32Array[]} channels its samples, -1 to 1 */
  put(channels) {
    const { state, currentTime } = this.#context;
    if (state !== "running") return; // it would only be old by then
    const [{ length }] = channels;
    const soonest = currentTime + FADE_S; // until then the last packet has not begun to fade out
    const spare = this.#end - soonest;
    if (spare < 0) {
      this.#begin(soonest, -spare);
      return this.#play(channels);
    }
    this.#note(spare, length / RATE);
    if (spare > this.#reserve + MAX_EXCESS_S) this.#isBroken = true; // the next ones are newer
    else this.#play(fitted(channels, length - this.#surplus(length)));
  }

  /** Makes sound begin again, with what has to wait. */
  #begin(soonest, lateBy) {
    this.#startedAt ??= soonest;
    if (soonest - this.#startedAt > BEGIN_S && lateBy < STOP_S) {
      const more = Math.max(MIN_LATE_S, Math.min(MAX_LATE_S, lateBy));
      this.#reserve = Math.min(this.#reserve + more, MAX_RESERVE_S);
    }
    this.#end = Math.ceil((soonest + this.#reserve) * RATE) / RATE;
    this.#isBroken = true;
    this.#least = this.#leastBefore = Infinity;
    this.#windowEnds = this.#end + WINDOW_S;
  }

  /** Notes how much waited. */
  #note(spare, seconds) {
    this.#reserve -= (this.#reserve - RESERVE_S) * seconds / FORGET_S;
    this.#least = Math.min(this.#least, spare);
    if (this.#end < this.#windowEnds) return;
    this.#windowEnds = this.#end + WINDOW_S;
    this.#leastBefore = this.#least;
    this.#least = Infinity;
  }

  /** How many of `length` samples to save, or to add if it is negative. */
  #surplus(length) {
    const excess = Math.min(this.#least, this.#leastBefore) - this.#reserve;
    if (Math.abs(excess) < TOLERANCE_S) return 0;
    const share = Math.max(-MAX_CHANGE, Math.min(MAX_CHANGE, HASTE * excess));
    const surplus = Math.round(share * length);
    this.#least -= surplus / RATE;
    this.#leastBefore -= surplus / RATE;
    return surplus;
  }

  /** Plays samples after the others. They fade out, unless others follow in time. */
  #play(channels) {
    const [{ length }] = channels;
    const buffer = this.#context.createBuffer(channels.length, length, RATE);
    channels.forEach((samples, index) => buffer.copyToChannel(samples, index));
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#output);
    source.start(this.#end);
    const { gain } = this.#output;
    if (this.#isBroken) {
      gain.setValueAtTime(0, this.#end);
      gain.linearRampToValueAtTime(1, this.#end + FADE_S);
    } else gain.cancelScheduledValues(this.#fadesAt);
    this.#isBroken = false;
    this.#end += length / RATE;
    this.#fadesAt = this.#end - FADE_S;
    gain.setValueAtTime(1, this.#fadesAt);
    gain.linearRampToValueAtTime(0, this.#end);
  }
}

/** The same sound in another number of samples, each between two neighbours. */
function fitted(channels, length) {
  if (length === channels[0].length) return channels;
  return channels.map((samples) => {
    const step = (samples.length - 1) / (length - 1);
    return Float32Array.from({ length }, (_, index) => {
      const at = Math.floor(index * step);
      const share = index * step - at;
      return samples[at] * (1 - share) + (samples[at + 1] ?? 0) * share;
    });
  });
}
