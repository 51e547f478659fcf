/**
 * Changing the title of a player's window.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { CamcatError } from "../base/errors.ts";

/** How often to try to change a title: the window may not exist yet. */
const TITLE_TRIES = 20;
/** Time between two tries, in milliseconds. */
const TITLE_RETRY_MS = 500;

/**
 * Changes the title of a window. Players set it once, when they start. Under X11 `xprop`, where
 * installed, changes the one that window managers show (`_NET_WM_NAME`). It finds the window by
 * the older property `WM_NAME`, which stays the same and has to be ASCII.
 */
export class TitleBar implements Disposable {
  /** The title that the player has to be started with. */
  readonly first: string;

  #wanted: string;
  #shown: string;
  #tries: number;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Controls the title of a player that is started with {@linkcode TitleBar.first}. */
  constructor(title: string, isX11: boolean) {
    this.first = isX11 ? title.replace(/[^ -~]/g, "?") : title;
    this.#shown = this.first;
    this.#wanted = title;
    this.#tries = isX11 ? TITLE_TRIES : 0;
    this.#run();
  }

  /** Changes the title as soon as the window exists. */
  set(title: string): void {
    this.#wanted = title;
    this.#run();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    while (this.#wanted !== this.#shown && this.#tries > 0) {
      const title = this.#wanted;
      if (await this.#change(title)) {
        this.#shown = title;
      } else {
        if (--this.#tries > 0) this.#timer = setTimeout(() => this.#run(), TITLE_RETRY_MS);
        break;
      }
    }
    this.#busy = false;
  }

  async #change(title: string): Promise<boolean> {
    try {
      await using xprop = Child.spawn("xprop", [
        ...["-name", this.first],
        ...["-f", "_NET_WM_NAME", "8u", "-set", "_NET_WM_NAME", title],
      ]);
      return (await xprop.status).success;
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      this.#tries = 0; // xprop is not installed
      return false;
    }
  }

  /** Cancels a pending change. */
  [Symbol.dispose](): void {
    this.#tries = 0;
    clearTimeout(this.#timer);
  }
}
