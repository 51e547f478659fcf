/**
 * What is shown while nothing comes.
 *
 * @module
 */

import { Frame } from "../jpeg/frame.ts";
import { NO_SIGNAL_MS, noSignal } from "../jpeg/no_signal.ts";
import type { Size } from "../base/size.ts";

/** Shows NO SIGNAL, and since when, once a second until it is ended. */
export class NoSignalLoop {
  #show: (frame: Frame) => Promise<void>;
  #ticker: ReturnType<typeof setTimeout> | undefined;

  /** @param show resolves when the picture was taken; until then there is no other */
  constructor(show: (frame: Frame) => Promise<void>) {
    this.#show = show;
  }

  /**
   * Begins, if it has not begun.
   *
   * @param name what there is no picture of
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

  /** Ends it, if it has begun. */
  end(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}
