/**
 * The title of a picture: what it shows, and whether it is live.
 *
 * @module
 */

import { formatAddress } from "../protocol/address.ts";
import type { ReceiveEvent } from "./received.ts";

/** The title of a stream: its name, where it comes from, and what is wrong with it. */
export class Title {
  #from: string;
  #stream: string | undefined;
  /** Why the stream is not live; empty if it is. */
  #streamTrouble = "";
  /** Why nothing comes from the sender; empty if something does. */
  #senderTrouble = "";

  /** @param from where the stream comes from */
  constructor(from: string) {
    this.#from = from;
  }

  /** Follows the state of the connection. */
  follow(event: ReceiveEvent): void {
    switch (event.type) {
      case "connected":
        if (event.address !== undefined) this.#from = formatAddress(event.address);
        break;
      case "stream":
        this.#stream = event.name;
        this.#streamTrouble = event.live ? "" : event.reason;
        this.#senderTrouble = "";
        break;
      case "silent":
        this.#senderTrouble = event.reason;
        break;
      case "heard":
        this.#senderTrouble = "";
        break;
      case "lost":
        this.#senderTrouble = `${event.reason}. Trying again`;
        break;
    }
  }

  /** The name of the stream and where it comes from, unless both are the same. */
  get name(): string {
    const [stream, from] = [this.#stream, this.#from];
    return stream === undefined || stream === from ? from : `${stream} (${from})`;
  }

  /** Whether nothing is known to be wrong. */
  get isLive(): boolean {
    return this.#trouble === "";
  }

  /** The name, and why the picture is not live if it is not. */
  get text(): string {
    return this.isLive ? this.name : `${this.name} - NOT LIVE: ${this.#trouble}`;
  }

  get #trouble(): string {
    return this.#senderTrouble || this.#streamTrouble;
  }
}
