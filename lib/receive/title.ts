/**
 * What is to be seen, in words.
 *
 * @module
 */

import type { ReceiveEvent } from "./receive.ts";

/** The title of a picture: what it is, where it comes from, and what is wrong with it. */
export class Title {
  #from: string;
  #stream: string | undefined;
  #trouble = "";

  /** @param from where the picture comes from */
  constructor(from: string) {
    this.#from = from;
  }

  /** Takes in what happened to the connection. */
  follow(event: ReceiveEvent): void {
    if (event.type === "stream") {
      this.#stream = event.name;
      this.#trouble = event.live ? "" : `NOT LIVE: ${event.reason}`;
    } else if (event.type === "lost") {
      this.#trouble = `NOT LIVE: ${event.reason}. Trying again`;
    }
  }

  /** What the picture is. */
  get what(): string {
    return this.#stream === undefined ? this.#from : `${this.#stream} (${this.#from})`;
  }

  /** All of it. */
  get text(): string {
    return this.#trouble === "" ? this.what : `${this.what} - ${this.#trouble}`;
  }
}
