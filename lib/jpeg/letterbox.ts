/**
 * The ffmpeg filter that fits pictures of any shape into one size.
 *
 * @module
 */

import type { Size } from "../base/size.ts";

/**
 * Filters that scale every picture as large as fits into `size`, in the middle of black borders.
 *
 * @param format ffmpeg's name of the pixel format that comes out; a planar one
 */
export function letterbox({ width, height }: Required<Size>, format: string): string {
  // At least one pixel high and wide for any aspect ratio.
  return `scale=w='max(1,min(${width},round(${height}*a)))':` +
    `h='max(1,min(${height},round(${width}/a)))':flags=bilinear,` +
    `format=${format},pad=${width}:${height}:-1:-1`;
}
