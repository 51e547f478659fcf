/**
 * Picture sizes.
 *
 * @module
 */

/** A requested picture size in pixels. One side may be left out: it follows from the aspect ratio. */
export interface Size {
  /** The width. @default from the aspect ratio */
  width?: number;
  /** The height. @default from the aspect ratio */
  height?: number;
}

/** Bytes of a `yuv420p` picture; width and height must be even. */
export function pictureBytes({ width, height }: { width: number; height: number }): number {
  return width * height * 3 / 2;
}
