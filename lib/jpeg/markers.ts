/**
 * The parts of the JPEG format that camcat uses (ITU-T T.81, annex B).
 *
 * @module
 */

import { MAX_PIXELS } from "./frame.ts";
import { findMarker } from "./scan.ts";

/** Second bytes of the markers used here; the first is always `FF` (T.81 table B.1). */
export const Marker = {
  /** Temporary, arithmetic coding; stands alone. */
  TEM: 0x01,
  /** Start of frame, baseline; the first of the SOFn. */
  SOF0: 0xc0,
  /** Define Huffman tables. */
  DHT: 0xc4,
  /** Reserved for JPEG extensions; lies among the SOFn. */
  JPG: 0xc8,
  /** Define arithmetic coding conditioning. */
  DAC: 0xcc,
  /** The last of the SOFn. */
  SOF15: 0xcf,
  /** The first restart marker; stands alone, within entropy-coded data. */
  RST0: 0xd0,
  /** The last restart marker. */
  RST7: 0xd7,
  /** Start of image; stands alone. */
  SOI: 0xd8,
  /** End of image; stands alone. */
  EOI: 0xd9,
  /** Start of scan: entropy-coded data follows its segment. */
  SOS: 0xda,
  /** Define quantization tables. */
  DQT: 0xdb,
  /** The first application segment. */
  APP0: 0xe0,
  /** Comment. */
  COM: 0xfe,
} as const;

/** Whether a marker stands alone, without a length (T.81 section B.1.1.3). */
export function standsAlone(code: number): boolean {
  return code >= Marker.RST0 && code <= Marker.RST7 || code === Marker.TEM;
}

/** Whether a marker is followed by a length of two bytes and that many bytes, itself included. */
export function hasLength(code: number): boolean {
  return code >= Marker.SOF0 && code !== Marker.SOI && code !== Marker.EOI &&
    !standsAlone(code) && code < 0xff;
}

/** One marker segment: its code and where its parameters lie. */
interface MarkerSegment {
  code: number;
  /** Index of the first parameter byte, after the length. */
  start: number;
  end: number;
}

/**
 * The segments of a JPEG as far as they make sense: up to its first scan, or, if `whole`, also
 * those between and after its scans.
 */
export function* segmentsOf(jpeg: Uint8Array, whole = false): Generator<MarkerSegment> {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const code = jpeg[at + 1];
    if (code === 0xff) {
      at++;
      continue;
    }
    if (standsAlone(code)) {
      at += 2;
      continue;
    }
    if (!hasLength(code)) return;
    const end = at + 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
    if (end < at + 4 || end > jpeg.length) return;
    yield { code, start: at + 4, end };
    if (code === Marker.SOS && !whole) return;
    at = code === Marker.SOS ? findMarker(jpeg, end, jpeg.length) : end;
  }
}

/** Whether a marker begins a frame header, SOFn (T.81 table B.1). */
export function isFrameHeader(code: number): boolean {
  return code >= Marker.SOF0 && code <= Marker.SOF15 &&
    code !== Marker.DHT && code !== Marker.JPG && code !== Marker.DAC;
}

/** Width and height of a picture, in pixels. */
export interface PictureSize {
  /** In pixels. */
  width: number;
  /** In pixels; 0 where the file states it only after the first scan (T.81 section B.2.5). */
  height: number;
}

/** The size in the parameters of a frame header at `[start, end)`, if they are long enough. */
export function sizeInFrameHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
): PictureSize | undefined {
  if (end - start < 5) return undefined;
  return {
    height: bytes[start + 1] << 8 | bytes[start + 2],
    width: bytes[start + 3] << 8 | bytes[start + 4],
  };
}

/**
 * The picture's size in pixels, from its frame header (T.81 section B.2.2), or
 * undefined where there is none.
 */
export function sizeOf(jpeg: Uint8Array): PictureSize | undefined {
  for (const { code, start, end } of segmentsOf(jpeg)) {
    if (isFrameHeader(code) && end - start >= 5) return sizeInFrameHeader(jpeg, start, end);
  }
  return undefined;
}

/**
 * Why a JPEG must not reach a decoder, as "it has 65535x65535 pixels, more than ..."; undefined if
 * it may. A few bytes can claim a picture that fills the memory, in the first frame header or in a
 * second one, which decoders obey too.
 *
 * @param maxPixels width times height
 */
export function refusalOf(jpeg: Uint8Array, maxPixels = MAX_PIXELS): string | undefined {
  let headers = 0;
  for (const { code, start, end } of segmentsOf(jpeg, true)) {
    if (!isFrameHeader(code)) continue;
    if (++headers > 1) return "it has a second frame header";
    const size = sizeInFrameHeader(jpeg, start, end);
    if (size !== undefined && size.width * size.height > maxPixels) {
      return `it has ${size.width}x${size.height} pixels, more than ${maxPixels}`;
    }
  }
  return undefined;
}

/** Which lines of an interlaced picture a JPEG holds: the upper ones of each pair, or the lower. */
export type Field = "top" | "bottom";

/**
 * The field that a JPEG holds, if it says that it is one of the two that make a picture: the
 * "AVI1" segment of analogue grabbers (OpenDML AVI file format extensions, section 3.4).
 */
export function fieldOf(jpeg: Uint8Array): Field | undefined {
  for (const { code, start, end } of segmentsOf(jpeg)) {
    const isAvi1 = [0x41, 0x56, 0x49, 0x31].every((byte, index) => jpeg[start + index] === byte);
    if (code !== Marker.APP0 || !isAvi1 || end - start < 5) continue;
    const polarity = jpeg[start + 4]; // 0 for a whole picture
    return polarity === 1 ? "top" : polarity === 2 ? "bottom" : undefined;
  }
  return undefined;
}
