/**
 * Joins in sound that nobody hears: a part is left out, repeated or continued where both sides of
 * the join are most alike.
 *
 * @module
 */

import { CHANNELS, FRAMES_PER_MS, type Pcm } from "./pcm.ts";
import type { SampleQueue } from "./sample_queue.ts";

/** How long both sides of a join are heard at once, in sample frames. */
export const FADE = 2.5 * FRAMES_PER_MS;
/** The shortest part that is left out or repeated: periods of the highest voices are shorter. */
export const MIN_LAG = 2.5 * FRAMES_PER_MS;
/** The longest part that is repeated: a period of the lowest voices. */
export const MAX_LAG = 15 * FRAMES_PER_MS;
/** How long missing sound is continued, until it has faded out. */
const TAIL = 20 * FRAMES_PER_MS;
/** Only every so many frames are compared. */
const STEP = 4;

/** Frames that must have been played before: {@linkcode repeat} and {@linkcode continued} use them. */
export const HISTORY = MAX_LAG + FADE;

/** From `a` to `b`, which are equally long. */
export function crossfade(a: Pcm, b: Pcm): Pcm {
  const mixed = new Float32Array(a.length);
  const frames = a.length / CHANNELS;
  for (let index = 0; index < mixed.length; index++) {
    const share = (Math.floor(index / CHANNELS) + 0.5) / frames;
    mixed[index] = a[index] * (1 - share) + b[index] * share;
  }
  return mixed;
}

/**
 * Leaves out about `most` frames of those that wait: up to 15 ms less, where the join fits best.
 *
 * @returns how many, 0 if too few wait
 */
export function leaveOut(queue: SampleQueue, most: number): number {
  const longest = Math.min(most, queue.length - FADE);
  if (longest < MIN_LAG) return 0;
  const shortest = Math.max(MIN_LAG, longest - MAX_LAG);
  const lag = bestLag(shortest, longest, (lag) => likeness(queue, 0, lag));
  queue.replace(lag + FADE, crossfade(queue.slice(0, FADE), queue.slice(lag, lag + FADE)));
  return lag;
}

/** Plays up to `most` frames a second time. @returns how many, 0 if too few wait */
export function repeat(queue: SampleQueue, most: number): number {
  if (queue.length < FADE || most < MIN_LAG) return 0;
  const longest = Math.min(most, MAX_LAG);
  const lag = bestLag(MIN_LAG, longest, (lag) => likeness(queue, 0, -lag));
  const again = queue.slice(-lag, FADE).slice(); // it leads to what waits now
  again.set(crossfade(queue.slice(0, FADE), queue.slice(-lag, FADE - lag)));
  queue.replace(FADE, again);
  return lag;
}

/** Continues the sound that ends `before` frames after the last one played, until it has faded out. */
export function continued(queue: SampleQueue, before = 0): Pcm {
  const from = before - FADE;
  const lag = bestLag(FADE, MAX_LAG, (lag) => likeness(queue, from, from - lag));
  const period = queue.slice(before - lag, before);
  const tail = new Float32Array(TAIL * CHANNELS);
  for (let index = 0; index < tail.length; index++) {
    tail[index] = period[index % period.length] * (1 - index / tail.length);
  }
  return tail;
}

/** The lag with the greatest likeness, coarsely first. */
function bestLag(shortest: number, longest: number, likenessAt: (lag: number) => number): number {
  let [best, most] = [longest, -Infinity];
  const look = (lag: number) => {
    const value = likenessAt(lag);
    if (value > most) [best, most] = [lag, value];
  };
  for (let lag = longest; lag >= shortest; lag -= STEP) look(lag);
  const around = best;
  for (
    let lag = Math.max(shortest, around - STEP);
    lag <= Math.min(longest, around + STEP);
    lag++
  ) {
    look(lag);
  }
  return best;
}

/** How alike {@linkcode FADE} frames are at two places: their normalised correlation, -1 to 1. */
function likeness(queue: SampleQueue, at: number, other: number): number {
  const [a, b] = [queue.slice(at, at + FADE), queue.slice(other, other + FADE)];
  let [product, squaresA, squaresB] = [0, 1e-9, 1e-9];
  for (let index = 0; index < a.length; index += CHANNELS) {
    product += a[index] * b[index];
    squaresA += a[index] ** 2;
    squaresB += b[index] ** 2;
  }
  return product / Math.sqrt(squaresA * squaresB);
}
