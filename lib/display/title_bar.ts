/**
 * The title of another program's window.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { CamcatError } from "../base/errors.ts";

/** How often, and after how long, to try again to change a title: the window may not be there yet. */
const TITLE_TRIES = 20;
/** See {@linkcode TITLE_TRIES}. */
const TITLE_RETRY_MS = 500;

/**
 * Changes the title of a window. The players fix it when they start; under X11
 * `xprop`, where installed, changes the one that window managers show
 * (`_NET_WM_NAME`). It finds the window by the old-fashioned one (`WM_NAME`),
 * which stays and has to be ASCII.
 */
export class TitleBar implements Disposable {
  /** The title to start the player with. */
  readonly first: string;

  #wanted: string;
  #shown: string;
  #tries: number;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For a player that is about to be started with {@linkcode TitleBar.first}. */
  constructor(title: string, isX11: boolean) {
    this.first = isX11 ? title.replace(/[^ -~]/g, "?") : title;
    this.#shown = this.first;
    this.#wanted = title;
    this.#tries = isX11 ? TITLE_TRIES : 0;
    this.#run();
  }

  /** Changes the title, as soon as there is a window. */
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
      this.#tries = 0; // there is no xprop
      return false;
    }
  }

  /** Gives up on a change that has not been made. */
  [Symbol.dispose](): void {
    this.#tries = 0;
    clearTimeout(this.#timer);
  }
}
