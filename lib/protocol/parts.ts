/**
 * Pictures in parts, so that sound need not wait until a whole picture is through. The payload of
 * such a message is
 *
 * ```text
 *  0     1     2
 * +-----+-----+---- - -
 * | 50  |last?| bytes of the JPEG ...
 * +-----+-----+---- - -
 * ```
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { ProtocolError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** The first byte of the payload: "P". */
export const PART_FIRST_BYTE = 0x50;
/** The longest payload, in bytes. */
export const MAX_PART_BYTES = 64 * 1024;
/** Bytes of the payload before those of the JPEG. */
export const PART_HEADER_BYTES = 2;

/** Encodes a part, at most {@linkcode MAX_PART_BYTES} with its header. */
export function encodePart(jpegBytes: Uint8Array, isLast: boolean): Bytes {
  const header = new Uint8Array(4 + PART_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, PART_HEADER_BYTES + jpegBytes.length);
  header.set([PART_FIRST_BYTE, Number(isLast)], 4);
  return concat([header, jpegBytes]);
}

/** Joins the parts of one picture after another. */
export class PartJoiner {
  #maxFrameBytes: number;
  /** Grows with what has arrived, however many parts that is. */
  #jpeg: Bytes = new Uint8Array(0);
  #bytes = 0;

  /** Joins pictures of at most `maxFrameBytes`. */
  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * Takes the payload of a message that begins with {@linkcode PART_FIRST_BYTE}, and copies it.
   *
   * @returns the whole JPEG with its last part
   * @throws {ProtocolError} if the picture is too long, or the part is none
   */
  add(payload: Uint8Array): Bytes | undefined {
    const isLast = payload[1] === 1;
    const part = payload.subarray(PART_HEADER_BYTES);
    if (part.length === 0 || payload[1] > 1) {
      throw new ProtocolError("Cannot read a part of a picture: it is empty, or of no known kind");
    }
    const end = this.#bytes + part.length;
    if (end > this.#maxFrameBytes) {
      throw new ProtocolError(
        `Cannot read a frame: it must be 1 to ${this.#maxFrameBytes} bytes long, received more in parts`,
      );
    }
    if (end > this.#jpeg.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#jpeg.length));
      larger.set(this.#jpeg.subarray(0, this.#bytes));
      this.#jpeg = larger;
    }
    this.#jpeg.set(part, this.#bytes);
    this.#bytes = isLast ? 0 : end;
    if (!isLast) return undefined;
    const jpeg = this.#jpeg.subarray(0, end);
    this.#jpeg = new Uint8Array(0);
    return jpeg;
  }
}
