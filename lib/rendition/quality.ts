/**
 * How finely a JPEG is quantised.
 *
 * @module
 */

import { Marker, segmentsOf } from "../jpeg/markers.ts";

/** The mean of the default intra matrix of MPEG-1 (ISO/IEC 11172-2), which ffmpeg scales by `-q:v`. */
const MATRIX_MEAN = 2114 / 64;

/**
 * The `-q:v` at which ffmpeg's `mjpeg` encoder quantises about as finely as this JPEG: 2 is fine, 31
 * coarse. It is computed from the mean of the first quantisation table (ITU-T T.81 section B.2.4.1).
 *
 * @returns undefined if there is no table before the first scan
 */
export function qscaleOf(jpeg: Uint8Array): number | undefined {
  for (const { code, start, end } of segmentsOf(jpeg)) {
    if (code !== Marker.DQT) continue;
    const bytesEach = jpeg[start] >> 4 === 0 ? 1 : 2;
    if (end - start < 1 + 64 * bytesEach) return undefined;
    let sum = 0;
    for (let at = start + 1; at < start + 1 + 64 * bytesEach; at += bytesEach) {
      sum += bytesEach === 1 ? jpeg[at] : jpeg[at] << 8 | jpeg[at + 1];
    }
    return sum / 64 * 8 / MATRIX_MEAN;
  }
  return undefined;
}
