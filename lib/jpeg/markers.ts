/**
 * What camcat needs to know of the JPEG format (ITU-T T.81, annex B).
 *
 * @module
 */

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

/** One marker segment of a header: its code and where its parameters lie. */
interface Segment {
  code: number;
  /** Index of the first parameter byte, after the length. */
  start: number;
  end: number;
}

/** The segments from SOI up to the first SOS, or as far as they make sense. */
export function* segmentsOf(jpeg: Uint8Array): Generator<Segment> {
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
    if (code === Marker.SOS) return;
    at = end;
  }
}

function isFrameHeader(code: number): boolean {
  return code >= Marker.SOF0 && code <= Marker.SOF15 &&
    code !== Marker.DHT && code !== Marker.JPG && code !== Marker.DAC;
}

/**
 * The picture's size in pixels, from its frame header (T.81 section B.2.2), or
 * undefined where there is none.
 */
export function sizeOf(
  jpeg: Uint8Array,
): { width: number; height: number } | undefined {
  for (const { code, start, end } of segmentsOf(jpeg)) {
    if (isFrameHeader(code) && end - start >= 5) {
      return {
        height: jpeg[start + 1] << 8 | jpeg[start + 2],
        width: jpeg[start + 3] << 8 | jpeg[start + 4],
      };
    }
  }
  return undefined;
}
