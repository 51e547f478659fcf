/**
 * A frame on its way to many.
 *
 * @module
 */

import { encodeDescribedFrame, encodeFrame } from "../protocol/codec.ts";
import type { Stream } from "../protocol/control.ts";
import type { Bytes, Frame } from "../jpeg/frame.ts";

/** A frame ready to be written, the same memory for every viewer. */
export class EncodedFrame {
  /** The picture; each holder of the packet holds it. */
  readonly frame: Frame;
  /** What was to be told of the stream when it was published. */
  readonly stream: Stream;
  #bare: Bytes | undefined;
  #described: Bytes | undefined;

  /** Wraps `frame`, which has its number. */
  constructor(frame: Frame, stream: Stream) {
    this.frame = frame;
    this.stream = stream;
  }

  /** Whether it shows the present. */
  get live(): boolean {
    return this.stream.live;
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
