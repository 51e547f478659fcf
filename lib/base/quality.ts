/**
 * JPEG qualities, as people and as ffmpeg give them.
 *
 * @module
 */

/** ffmpeg's quantizer scale `-q:v`, 31 (worst) to 2 (best), for a quality of 1 to 100. */
export function qscaleOfQuality(quality: number): number {
  return Math.round(31 - (quality - 1) / 99 * 29);
}
