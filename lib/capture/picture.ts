/**
 * What the user asked of the picture.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { type Changes, isChanged, isReshaped } from "./filters.ts";

/** What the user asked of the picture. */
export interface Picture extends Changes {
  /** @default the source's own */
  size?: Size;
  /** Frames per second. @default the source's own */
  fps?: number;
  /** JPEG quality, 1 to 100. @default untouched where the source is MJPEG, or else 90 */
  quality?: number;
  /** Play a file again and again. @default {false} */
  loop?: boolean;
  /** Pass JPEGs on untouched or fail; or, when false, always encode. @default what fits the rest */
  copy?: boolean;
}

/**
 * What to ask of a source that can give pictures of any size. One that gets
 * another shape afterwards is captured as if no size had been asked for, and scaled.
 */
export function askedOfSource(picture: Picture): Picture {
  if (!isReshaped(picture)) return picture;
  const { size: _, ...rest } = picture;
  return rest;
}

/** Whether JPEGs can leave as they came, in whatever rate they come. */
export function isUntouched(picture: Picture): boolean {
  const { size, quality, copy } = picture;
  return copy !== false && !isChanged(picture) && size === undefined && quality === undefined;
}

/** Whether width and height are both given, or neither is. */
export function isExactSize(size: Size | undefined): boolean {
  return size === undefined || (size.width !== undefined && size.height !== undefined);
}
