/**
 * What a JPEG says of itself before its picture data begins.
 *
 * @module
 */

import { MAX_PIXELS } from "./frame.ts";
import { isFrameHeader, Marker, sizeInFrameHeader } from "./markers.ts";
import { furtherPictures } from "./multi_picture.ts";

/** Gathers what the segments of one frame say, one after another. */
export class FrameHeader {
  /** Whether it is coded the way that may leave its Huffman tables out. */
  isBaseline = false;
  /** Whether it brings a Huffman table. */
  hasTables = false;
  /** Where further pictures of the same file begin, in bytes from the SOI of this one. */
  furtherPictures: number[] = [];
  #hasFrameHeader = false;
  #maxPixels: number;

  /** Stands before the first segment. */
  constructor(maxPixels: number = MAX_PIXELS) {
    this.#maxPixels = maxPixels;
  }

  /**
   * Takes in a segment of the frame that begins at index `soi`.
   *
   * @param start index of the first parameter byte
   * @returns why the frame must be dropped, if it must
   */
  take(
    code: number,
    bytes: Uint8Array,
    { soi, start, end }: { soi: number; start: number; end: number },
  ): string | undefined {
    if (code === Marker.DHT) this.hasTables = true;
    if (code === Marker.APP0 + 2) {
      const found = furtherPictures(bytes.subarray(start, end));
      this.furtherPictures.push(...found.map((offset) => start - soi + offset));
    }
    if (!isFrameHeader(code)) return undefined;
    if (this.#hasFrameHeader) return "it has a second frame header";
    this.#hasFrameHeader = true;
    this.isBaseline = code === Marker.SOF0;
    const size = sizeInFrameHeader(bytes, start, end);
    if (size === undefined || size.width * size.height <= this.#maxPixels) return undefined;
    return `it has ${size.width}x${size.height} pixels, more than ${this.#maxPixels}`;
  }
}
