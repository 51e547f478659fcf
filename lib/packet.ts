/**
 * A frame on its way to many.
 *
 * @module
 */

import { encodeDescribedFrame, encodeFrame } from "./codec.ts";
import type { Bytes, Frame } from "./frame.ts";

/** A frame ready to be written, the same memory for every viewer. */
export class Packet {
  /** The picture; each holder of the packet holds it. */
  readonly frame: Frame;
  /** Whether it shows the present. */
  readonly live: boolean;
  #bare: Bytes | undefined;
  #described: Bytes | undefined;

  /** Wraps `frame`, which has its number. */
  constructor(frame: Frame, live: boolean) {
    this.frame = frame;
    this.live = live;
  }

  /** Length and JPEG. */
  get bare(): Bytes {
    return this.#bare ??= encodeFrame(this.frame);
  }

  /** The same with sequence number and capture time before it. */
  get described(): Bytes {
    return this.#described ??= encodeDescribedFrame(this.frame);
  }
}
