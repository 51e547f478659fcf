/**
 * How an edge is configured, and what it reports.
 *
 * @module
 */

import type { CamcatError } from "../base/errors.ts";
import type { Key } from "../security/key.ts";
import type { CaptureState } from "../send/supervisor.ts";
import type { BrokerUrl } from "./broker_url.ts";
import type { ConnectionOptions } from "../redis/connection.ts";
import type { Refusal } from "./inbox.ts";

/** What happens at an edge. */
export type EdgeEvent =
  /** The pictures begin, end or are not wanted; with the reason why they are lost. */
  | { type: "state"; state: CaptureState; error?: CamcatError }
  /** The publisher says that its source is not live. */
  | { type: "source"; reason: string }
  /** The broker is there. */
  | { type: "up"; broker: string }
  /** Messages were not trusted, this many since the last such event. */
  | { type: "refused"; why: Refusal; messages: number }
  /** Something that the user should know. */
  | { type: "advice"; text: string };

/** What {@linkcode subscribe} needs. */
export interface EdgeOptions {
  /** The broker. */
  broker: BrokerUrl;
  /** How to connect to it. */
  connection: ConnectionOptions;
  /** The camera's name at the broker. */
  name: string;
  /** The key that opens the pictures; without one they must be bare. */
  key: Key | undefined;
  /** How long pictures are fetched after the last viewer, in milliseconds. @default {5000} */
  lingerMs?: number | undefined;
  /** The most pixels of a picture; larger ones are dropped. */
  maxPixels?: number | undefined;
  /** Stops it. */
  signal: AbortSignal;
  /** Called when something happens. */
  onEvent: (event: EdgeEvent) => void;
}
