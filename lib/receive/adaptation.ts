/**
 * What a viewer that takes smaller and coarser pictures tells the sender.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { Adaptation } from "../protocol/control.ts";

/** Frames in flight of which the arrival is kept: more than any link has. */
const MAX_ARRIVALS = 64;

/** A viewer's wishes, and how long it held each frame. */
export class AdaptingViewer {
  #wanted: () => Adaptation | undefined;
  #told: Adaptation | undefined;
  /** When each frame arrived that is not acknowledged yet. */
  #arrivals: { seq: number; at: number }[] = [];

  /** @param wanted called about once a second, because windows change their size */
  constructor(wanted: () => Adaptation | undefined) {
    this.#wanted = wanted;
    this.#told = wanted();
  }

  /** What the sender was told last. */
  get told(): Adaptation | undefined {
    return this.#told;
  }

  /** What is wanted now, if the sender does not know it yet; it is told with that. */
  changed(): Adaptation | undefined {
    const wanted = this.#wanted();
    if (wanted === undefined || JSON.stringify(wanted) === JSON.stringify(this.#told)) return;
    return this.#told = wanted;
  }

  /** Records that a frame has arrived. */
  arrived(seq: number): void {
    this.#arrivals.push({ seq, at: now() });
    if (this.#arrivals.length > MAX_ARRIVALS) this.#arrivals.shift();
  }

  /** How long a frame was held that is displayed now, in whole milliseconds. */
  held(seq: number): number {
    const arrival = this.#arrivals.find((arrival) => arrival.seq === seq);
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.seq > seq);
    return arrival === undefined ? 0 : Math.max(0, Math.round(now() - arrival.at));
  }
}
