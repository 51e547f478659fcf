/**
 * The title of a picture: what it shows, and whether it is live.
 *
 * @module
 */

import type { ReceiveEvent } from "./received.ts";

/** The title of a stream: its name, where it comes from, and what is wrong with it. */
export class Title {
  #from: string;
  #stream: string | undefined;
  #trouble = "";

  /** @param from where the stream comes from */
  constructor(from: string) {
    this.#from = from;
  }

  /** Follows the state of the connection. */
  follow(event: ReceiveEvent): void {
    if (event.type === "stream") {
      this.#stream = event.name;
      this.#trouble = event.live ? "" : `NOT LIVE: ${event.reason}`;
    } else if (event.type === "lost") {
      this.#trouble = `NOT LIVE: ${event.reason}. Trying again`;
    }
  }

  /** The name of the stream and where it comes from. */
  get name(): string {
    return this.#stream === undefined ? this.#from : `${this.#stream} (${this.#from})`;
  }

  /** The name, and why the picture is not live if it is not. */
  get text(): string {
    return this.#trouble === "" ? this.name : `${this.name} - ${this.#trouble}`;
  }
}
