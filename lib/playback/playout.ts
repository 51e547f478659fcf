/**
 * The jitter buffer: decoded sound from its arrival until a sound card is due to play it.
 *
 * @module
 */

import { CHANNELS, FRAMES_PER_MS, type Pcm, silence } from "./pcm.ts";
import { SampleQueue } from "./sample_queue.ts";
import { Slack } from "./slack.ts";
import { continued, crossfade, FADE, HISTORY, leaveOut, MIN_LAG, repeat } from "./splice.ts";

/** More than this beyond what is needed is thrown away at once, in milliseconds. */
const MAX_EXCESS_MS = 150;
/** Excess below this is left alone. */
const TOLERANCE_MS = 3;
/** Time between two corrections. They leave out or repeat at most {@linkcode MOST_MS}. */
const CORRECT_MS = 100;
const MOST_MS = 15;
/** Missing sound lasts at most this long when it could have been played in time. */
const MAX_GAP_MS = 500;
/** How long to wait for more than the first packet after silence. */
const PATIENCE_MS = 60;

/** A decoded packet. */
export interface Arrival {
  /** Its samples. */
  pcm: Pcm;
  /** When the first one was recorded, in milliseconds on the sender's clock. */
  timeMs: number;
  /** Whether packets before it are missing. */
  isAfterGap: boolean;
}

/**
 * Keeps as little waiting as the unsteadiness of arrivals allows. What is beyond that, because the
 * sound card is slower than the microphone's or the network stood still, is left out where nobody
 * hears the join, or thrown away if it is much. Before it runs short it repeats a little. When it
 * has run short, or packets are missing, the sound fades out and in.
 */
export class Playout {
  /** What must wait in addition, in milliseconds, so that sound is not ahead of the picture. */
  holdMs = 0;

  #queue = new SampleQueue(HISTORY);
  #slack = new Slack();
  /** When what waits ends, in milliseconds on the sender's clock. */
  #endMs: number | undefined;
  /** What is played while nothing waits: the last sound, fading out. */
  #tail: Pcm = silence(0);
  /** Frames of that, and of silence, since something waited; undefined while something does. */
  #starved: number | undefined = 0;
  /** Frames that something has waited to be enough, since silence. */
  #gathered = 0;
  #sinceCorrection = 0;

  /** How much waits, in milliseconds. */
  get levelMs(): number {
    return this.#queue.length / FRAMES_PER_MS;
  }

  /** When the next sample to play was recorded, in milliseconds on the sender's clock, if known. */
  get nextMs(): number | undefined {
    return this.#endMs === undefined ? undefined : this.#endMs - this.levelMs;
  }

  /** Adds a decoded packet. */
  put({ pcm, timeMs, isAfterGap }: Arrival): void {
    if (this.#starved !== undefined && this.#queue.length === 0) {
      const lateMs = this.#starved / FRAMES_PER_MS;
      if (!isAfterGap) this.#slack.wasLate(lateMs);
      this.#queue.push(pcm);
      this.#gathered = 0;
    } else {
      const lostMs = isAfterGap ? Math.min(MAX_GAP_MS, timeMs - this.#endMs!) : 0;
      if (lostMs > 0) this.#pushJoined(pcm, Math.round(lostMs * FRAMES_PER_MS));
      else if (isAfterGap) this.#pushJoined(pcm, 0);
      else this.#queue.push(pcm);
    }
    this.#endMs = timeMs + pcm.length / CHANNELS / FRAMES_PER_MS;
    const excessMs = this.levelMs - this.#wantedMs;
    if (excessMs > MAX_EXCESS_MS) this.#throwAway(excessMs);
  }

  /** Takes the next `frames` sample frames to play. */
  take(frames: number): Pcm {
    if (this.#isSilent(frames)) return this.#takeTail(frames);
    this.#correct(frames);
    const taken = this.#queue.take(frames);
    const missing = frames - taken.length / CHANNELS;
    this.#slack.left(this.levelMs, frames / FRAMES_PER_MS);
    if (missing === 0) return taken;
    this.#tail = continued(this.#queue);
    this.#starved = 0;
    const all = silence(frames);
    all.set(taken);
    all.set(this.#takeTail(missing), taken.length);
    return all;
  }

  get #wantedMs(): number {
    return this.#slack.wantedMs + this.holdMs;
  }

  /** Whether there is nothing to play, or not enough yet after silence. */
  #isSilent(frames: number): boolean {
    if (this.#starved === undefined) return false;
    if (this.#queue.length === 0) return true;
    this.#gathered += frames;
    const isEnough = this.levelMs >= this.#wantedMs + 10 ||
      this.#gathered > (PATIENCE_MS + this.holdMs) * FRAMES_PER_MS;
    if (!isEnough) return true;
    this.#starved = undefined;
    this.#slack.restart();
    const count = Math.min(FADE, this.#queue.length);
    this.#queue.replace(count, joined(this.#tail, this.#queue.slice(0, count)));
    return false;
  }

  #takeTail(frames: number): Pcm {
    const taken = silence(frames);
    taken.set(this.#tail.subarray(0, taken.length));
    this.#tail = this.#tail.subarray(Math.min(taken.length, this.#tail.length));
    this.#starved! += frames;
    this.#queue.passed(taken);
    return taken;
  }

  /** Plays a little faster or slower if that is due. */
  #correct(frames: number): void {
    this.#sinceCorrection += frames;
    const { leastMs } = this.#slack;
    if (leastMs === undefined || this.#sinceCorrection < CORRECT_MS * FRAMES_PER_MS) return;
    const excessMs = leastMs - this.#wantedMs;
    if (Math.abs(excessMs) < TOLERANCE_MS) return;
    const most = Math.max(MIN_LAG, Math.min(MOST_MS, Math.abs(excessMs)) * FRAMES_PER_MS);
    const change = excessMs > 0
      ? -leaveOut(this.#queue, Math.floor(most))
      : repeat(this.#queue, Math.floor(most));
    if (change !== 0) this.#sinceCorrection = 0;
    this.#slack.changed(change / FRAMES_PER_MS);
  }

  #throwAway(excessMs: number): void {
    leaveOut(this.#queue, Math.floor(excessMs * FRAMES_PER_MS));
    this.#slack.restart(); // how little waited before says nothing now
  }

  /** Adds sound after a gap of `lost` frames. */
  #pushJoined(pcm: Pcm, lost: number): void {
    const tail = continued(this.#queue, this.#queue.length);
    const gap = silence(lost);
    gap.set(tail.subarray(0, gap.length));
    this.#queue.push(gap);
    this.#queue.push(joined(tail.subarray(Math.min(gap.length, tail.length)), pcm));
  }
}

/** Sound that begins with a fade from another one, or from silence. */
function joined(from: Pcm, pcm: Pcm): Pcm {
  const all = pcm.slice();
  const count = Math.min(FADE * CHANNELS, pcm.length);
  const before = new Float32Array(count);
  before.set(from.subarray(0, count));
  all.set(crossfade(before, pcm.slice(0, count)));
  return all;
}
