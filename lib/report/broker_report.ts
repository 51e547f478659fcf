/**
 * Reports on cameras at a broker.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import type { EdgeEvent } from "../broker/edge_options.ts";
import type { ListedCamera } from "../broker/listing.ts";
import type { PublishingEvent } from "../broker/publisher.ts";
import type { Console } from "../program/console.ts";

/** Why messages were refused, in words. */
const REFUSED = {
  forged: "were forged or damaged",
  repeated: "were recorded and sent again",
  late: "were held back",
  "too large": "had pictures that are too large",
} as const;

/** Reports what happens between cameras and a broker on a {@linkcode Console}. */
export class BrokerReport {
  #console: Console;

  /** Reports on any number of cameras. */
  constructor(console: Console) {
    this.#console = console;
  }

  /** Reports what happens to a camera that is published. */
  publisher(camera: string, event: PublishingEvent): void {
    switch (event.type) {
      case "publishing":
        return this.#event(
          { camera, state: "publishing", to: event.to },
          `Publishing ${camera} at ${event.to}`,
        );
      case "up":
        return this.#up(camera, event.broker);
      case "down":
        return this.#warn(
          { camera, state: "down", reason: event.reason },
          `${event.reason}. Trying again`,
        );
      case "watched":
        return this.#event(
          { camera, state: "watched", edges: event.edges },
          `${camera} is watched at ${event.edges} edge${event.edges === 1 ? "" : "s"}`,
        );
      case "heard":
        return this.#event(
          { camera, state: "heard", edges: event.edges },
          `The sound of ${camera} is heard at ${event.edges} edge${event.edges === 1 ? "" : "s"}`,
        );
      case "advice":
        return this.#advice(camera, event.text);
    }
  }

  /** Reports what happens to a camera that comes from a broker, besides its state. */
  edge(camera: string, event: Exclude<EdgeEvent, { type: "state" | "source" }>): void {
    switch (event.type) {
      case "up":
        return this.#up(camera, event.broker);
      case "refused":
        return this.#warn(
          { camera, state: "refused", why: event.why, messages: event.messages },
          `${camera}: ${event.messages} messages at the broker ${REFUSED[event.why]}, and were ` +
            "ignored",
        );
      case "advice":
        return this.#advice(camera, event.text);
    }
  }

  #up(camera: string, broker: string): void {
    this.#event({ camera, state: "up", broker }, `The broker ${broker} is there`);
  }

  #advice(camera: string, message: string): void {
    this.#warn({ camera, state: "advice", message }, message);
  }

  #event(fields: Record<string, unknown>, text: string): void {
    this.#console.event({ event: "broker", ...fields }, text);
  }

  #warn(fields: Record<string, unknown>, text: string): void {
    this.#console.warn({ event: "broker", ...fields }, text);
  }
}

/**
 * The cameras at a broker, as a table or as JSON.
 *
 * @throws {CamcatError} if there is none to show in a table
 */
export function publishedLines(cameras: ListedCamera[], broker: string, json: boolean): string[] {
  if (json) return cameras.map((camera) => JSON.stringify(camera));
  if (cameras.length === 0) {
    throw new CamcatError(`Cannot find a camera at ${broker}: none is published there`);
  }
  const width = Math.max(...cameras.map(({ name }) => name.length));
  return cameras.map(({ name, open, live }) =>
    `${name.padEnd(width)}  ${live ? "live" : "not live"}${open ? ", open" : ""}`
  );
}
