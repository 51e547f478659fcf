/**
 * What a viewer needs to know of its hub, and reports to it.
 *
 * @module
 */

import type { Stream } from "../protocol/control.ts";
import type { FrameSenderEvents, FrameSenderOptions } from "./frame_sender_options.ts";

/** Events and questions of a {@linkcode Viewer}. */
export interface ViewerEvents extends FrameSenderEvents {
  /** Returns the state of the stream. */
  stream(): Stream;
}

/** Options of {@linkcode Viewer}. */
export interface ViewerOptions extends FrameSenderOptions {
  /** If set, the peer is told this and disconnected. */
  refusal?: string;
  /** Whether the time to say hello is over already. @default {false} */
  isRaw?: boolean;
}
