/**
 * What a receiver can ask for on a connection.
 *
 * @module
 */

import type { Adaptation } from "../protocol/control.ts";
import type { ReceivedSound, ReceiveEvent } from "./received.ts";

/** Options of `StreamReader`. */
export interface StreamReaderOptions {
  /** Name of one of the sender's cameras. @default its first */
  camera?: string | undefined;
  /**
   * Every frame in order, instead of the newest. The sender keeps, up to a bound, the frames that
   * the caller or the network is too slow for; `dropped` counts those lost beyond it.
   *
   * @default {false}
   */
  allFrames?: boolean | undefined;
  /**
   * Lets the sender make pictures smaller or coarser where the link is slow. Called about once a
   * second, because windows change their size. Has no effect with `allFrames`.
   *
   * @default the camera's own pictures
   */
  adapt?: (() => Adaptation | undefined) | undefined;
  /** Takes the sound of the camera: called with every packet as it arrives. @default no sound */
  onSound?: ((sound: ReceivedSound) => void) | undefined;
  /** The longest frame accepted, in bytes. @default {16777216} */
  maxFrameBytes?: number | undefined;
  /** The largest picture accepted, in pixels (width times height). @default {33177600} */
  maxPixels?: number | undefined;
  /** Called with every event of the connection. */
  onEvent?: ((event: ReceiveEvent) => void) | undefined;
}
