/**
 * Sizes of pictures.
 *
 * @module
 */

/** A wished-for picture size in pixels; one of the two may be left to the aspect ratio. */
export interface Size {
  /** @default the aspect ratio's */
  width?: number;
  /** @default the aspect ratio's */
  height?: number;
}

/** Bytes of a picture in `yuv420p`, of even width and height. */
export function pictureBytes({ width, height }: { width: number; height: number }): number {
  return width * height * 3 / 2;
}
