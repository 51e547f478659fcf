/**
 * How a hub is configured, and what it counts.
 *
 * @module
 */

import type { RenditionsOptions } from "../rendition/renditions.ts";

/** Options of `Hub`. */
export interface HubOptions {
  /**
   * The camera's name, as viewers see it.
   *
   * @default {"camera"}
   */
  name?: string;
  /**
   * Viewers served at once; one more is told so and disconnected.
   *
   * @default {128}
   */
  maxViewers?: number;
  /** The most that one viewer is sent, in bits per second. @default no limit */
  maxRate?: number;
  /** How smaller and coarser pictures are made for slow links. @default as `Renditions` does */
  renditions?: RenditionsOptions;
  /** Called when a viewer has connected. */
  onConnected?: (peer: string) => void;
  /** Called when a viewer has disconnected, with the reason and how long it watched. */
  onLeft?: (peer: string, reason: string, seconds: number) => void;
  /**
   * Called now and then while a viewer of every frame is too slow for that, with the number
   * of frames it has lost since the last call.
   */
  onBehind?: (peer: string, frames: number) => void;
}

/** Running totals of a `Hub`. */
export interface HubTotals {
  /** Frames published, without pictures that say NO SIGNAL. */
  frames: number;
  /** Bytes of frames handed to the network, for all viewers together. */
  sentBytes: number;
  /** Frames that some viewer was not sent, for all viewers together. */
  droppedFrames: number;
  /** How often a capture was lost and restarted. */
  restarts: number;
}
