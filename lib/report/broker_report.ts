/**
 * Reports on one camera at a broker.
 *
 * @module
 */

import type { EdgeEvent } from "../broker/edge.ts";
import type { PublishingEvent } from "../broker/publisher.ts";
import type { Console } from "../program/console.ts";

/** Why messages were refused, in words. */
const REFUSED = {
  forged: "were forged or damaged",
  repeated: "were recorded and sent again",
  late: "were held back",
  "too large": "had pictures that are too large",
} as const;

/** Reports what happens between a camera and a broker on a {@linkcode Console}. */
export class BrokerReport {
  #console: Console;
  #name: string;

  /** Reports on the camera called `name`. */
  constructor(console: Console, name: string) {
    this.#console = console;
    this.#name = name;
  }

  /** Reports where the camera is published. */
  publishing(to: string): void {
    this.#event({ state: "publishing", to }, `Publishing ${this.#name} at ${to}`);
  }

  /** Reports what happens to a camera that is published. */
  publisher(event: PublishingEvent): void {
    switch (event.type) {
      case "up":
        return this.#event(
          { state: "up", broker: event.broker },
          `The broker ${event.broker} is there`,
        );
      case "down":
        return this.#warn(
          { state: "down", reason: event.reason },
          `${event.reason}. Trying again`,
        );
      case "watched":
        return this.#event(
          { state: "watched", edges: event.edges },
          `${this.#name} is watched at ${event.edges} edge${event.edges === 1 ? "" : "s"}`,
        );
      case "advice":
        return this.#warn({ state: "advice", message: event.text }, event.text);
    }
  }

  /** Reports what happens to a camera that comes from a broker, besides its state. */
  edge(event: Exclude<EdgeEvent, { type: "state" | "source" }>): void {
    switch (event.type) {
      case "up":
        return this.#event(
          { state: "up", broker: event.broker },
          `The broker ${event.broker} is there`,
        );
      case "refused":
        return this.#warn(
          { state: "refused", why: event.why, messages: event.messages },
          `${this.#name}: ${event.messages} messages at the broker ${
            REFUSED[event.why]
          }, and were ` +
            "ignored",
        );
      case "advice":
        return this.#warn({ state: "advice", message: event.text }, event.text);
    }
  }

  #event(fields: Record<string, unknown>, text: string): void {
    this.#console.event({ event: "broker", camera: this.#name, ...fields }, text);
  }

  #warn(fields: Record<string, unknown>, text: string): void {
    this.#console.warn({ event: "broker", camera: this.#name, ...fields }, text);
  }
}
