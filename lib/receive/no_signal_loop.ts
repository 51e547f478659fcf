/**
 * The NO SIGNAL pictures that an output shows while nothing arrives.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { Frame } from "../jpeg/frame.ts";
import { NO_SIGNAL_MS, noSignal } from "../jpeg/no_signal.ts";

/** Shows NO SIGNAL, and since when, once a second until it is ended. */
export class NoSignalLoop {
  #show: (frame: Frame) => Promise<void>;
  #ticker: ReturnType<typeof setTimeout> | undefined;

  /** @param show resolves when the picture was taken; the next one waits for that */
  constructor(show: (frame: Frame) => Promise<void>) {
    this.#show = show;
  }

  /**
   * Begins, unless it has begun already.
   *
   * @param name of the stream that is missing
   * @param size of the pictures until now, in pixels
   */
  begin(name: string, size?: Required<Size>): void {
    if (this.#ticker !== undefined) return;
    const since = Date.now();
    let isTaken = true; // by the player, which may be stuck
    const show = async () => {
      if (!isTaken) return;
      isTaken = false;
      const time = Date.now();
      await this.#show(Frame.from(noSignal(name, since, time, size), { time }));
      isTaken = true;
    };
    this.#ticker = setInterval(show, NO_SIGNAL_MS);
    show();
  }

  /** Ends, if it has begun. */
  end(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
