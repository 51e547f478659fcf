/**
 * What a frame sender needs to know of its viewer, and reports of it.
 *
 * @module
 */

import type { Renditions } from "../rendition/renditions.ts";
import type { EncodedFrame } from "./encoded_frame.ts";
import type { SoundChannel } from "./sound_channel.ts";

/** Events of a `FrameSender`. */
export interface FrameSenderEvents {
  /** A live frame went to the display `latencyMs` milliseconds after its capture. */
  shown(latencyMs: number): void;
  /** A viewer of every frame has lost `frames` since the last call. */
  behind(frames: number): void;
}

/** What a `FrameSender` may do for a slow viewer. */
export interface FrameSenderOptions {
  /** Smaller and coarser pictures of the same camera; without them there is only the source. */
  renditions?: Renditions<EncodedFrame> | undefined;
  /** The sound of the same camera. @default it has none */
  sound?: SoundChannel | undefined;
  /** The most that one viewer is sent, in bits per second. @default no limit */
  maxRate?: number | undefined;
}
