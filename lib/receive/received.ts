/**
 * What a receiver gets from a sender: frames, and events of the connection.
 *
 * @module
 */

import type { Frame } from "../jpeg/frame.ts";

/** A received frame, with what is known of its way. */
export interface ReceivedFrame {
  /** The picture, valid until the next one is asked for; `retain()` it to keep it longer. */
  frame: Frame;
  /**
   * When it was captured, on this machine's clock, in milliseconds; undefined from a sender that
   * sends only pictures, and until the clocks are synchronised.
   */
  capturedAt: number | undefined;
  /** Whether it shows the present; false for the pictures a sender shows while it has no signal. */
  live: boolean;
  /** Frames since the previous one that were not sent, or were replaced by this one. */
  dropped: number;
}

/** An event of the connection. */
export type ReceiveEvent =
  /** The connection is established. An encrypted peer has proved that it has the key. */
  | { type: "connected"; encrypted: boolean }
  /** The sender has described its stream, or the stream has become live or not live. */
  | { type: "stream"; name: string; live: boolean; reason: string }
  /** The connection failed or ended. Another attempt follows, unless `once` is set. */
  | { type: "lost"; reason: string };
