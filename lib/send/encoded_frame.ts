/**
 * A frame, encoded once for all viewers.
 *
 * @module
 */

import { encodeDescribedFrame, encodeFrame } from "../protocol/codec.ts";
import type { Stream } from "../protocol/control.ts";
import type { Bytes, Frame } from "../jpeg/frame.ts";

/** A frame ready to be written; all viewers share its memory. */
export class EncodedFrame {
  /** The picture. Whoever keeps the encoded frame retains and releases this. */
  readonly frame: Frame;
  /** The state of the stream when the frame was published. */
  readonly stream: Stream;
  #raw: Bytes | undefined;
  #described: Bytes | undefined;

  /** Wraps `frame`, which has its number already. */
  constructor(frame: Frame, stream: Stream) {
    this.frame = frame;
    this.stream = stream;
  }

  /** Whether the capture was live; false for a picture that says NO SIGNAL. */
  get live(): boolean {
    return this.stream.live;
  }

  /** Length and JPEG. */
  get raw(): Bytes {
    return this.#raw ??= encodeFrame(this.frame);
  }

  /** The description alone. */
  get description(): Bytes {
    return this.described.subarray(0, -this.raw.length);
  }

  /** Sequence number and capture time, then length and JPEG. */
  get described(): Bytes {
    return this.#described ??= encodeDescribedFrame(this.frame);
  }
}
