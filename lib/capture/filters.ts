/**
 * Changes to a picture, as ffmpeg filters.
 *
 * @module
 */

import { safeText } from "../base/text.ts";
import { UsageError } from "../base/errors.ts";
import type { Size } from "../base/size.ts";

/** A part of a picture, in pixels. */
export interface Region {
  width: number;
  height: number;
  /** Columns left of it. */
  x: number;
  /** Rows above it. */
  y: number;
}

/** Changes to a picture, in the order in which they are applied; each needs encoding. */
export interface Changes {
  /** The part of the captured picture to keep. @default all of it */
  crop?: Region;
  /** Degrees clockwise. @default not at all */
  rotate?: 90 | 180 | 270;
  /** Mirrors it: h swaps left and right, v top and bottom. @default not at all */
  flip?: "h" | "v";
  /** What to write into the lower corners, with date and time. @default nothing */
  overlay?: string;
}

/** The longest overlay, in characters; a longer one would be too small to read. */
const MAX_OVERLAY = 48;

/** Whether the changes need encoding. */
export function isChanged({ crop, rotate, flip, overlay }: Changes): boolean {
  return [crop, rotate, flip, overlay].some((change) => change !== undefined);
}

/** Whether the changes give the picture another shape, so that --size is not the size to capture. */
export function isReshaped({ crop, rotate }: Changes): boolean {
  return crop !== undefined || rotate === 90 || rotate === 270;
}

/**
 * Filters for ffmpeg's `-vf`, in the order of {@linkcode Changes}, with rate and
 * size between (ffmpeg-filters manual: crop, transpose, hflip, vflip, fps, scale, drawtext).
 *
 * @param rate frames per second, where the source has another rate
 * @param size to scale to, where the source has another
 */
export function filtersFor(
  { crop, rotate, flip, overlay }: Changes,
  rate: number | undefined,
  size: Size | undefined,
): string[] {
  const filters = [];
  // First: the rest has less to do. With `pass`, even a single picture comes out.
  if (rate !== undefined) filters.push(`fps=${rate}:eof_action=pass`);
  if (crop !== undefined) {
    filters.push(`crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}:exact=1`);
  }
  if (rotate === 90) filters.push("transpose=clock");
  if (rotate === 180) filters.push("hflip", "vflip");
  if (rotate === 270) filters.push("transpose=cclock");
  if (flip !== undefined) filters.push(`${flip}flip`);
  if (size !== undefined) filters.push(`scale=${size.width ?? -2}:${size.height ?? -2}`);
  if (overlay !== undefined) filters.push(...overlayFilters(overlay));
  return filters;
}

/** The text in the lower left corner, date and time in the lower right one. */
function overlayFilters(overlay: string): string[] {
  const text = [...safeText(overlay)].slice(0, MAX_OVERLAY).join("");
  // Half the width for the text, and a little less for the 19 characters of the clock.
  const fontSize = escaped(`min(h/24,min(w/30,w/(1.3*${Math.max(1, [...text].length)})))`);
  const style = `fontsize=${fontSize}:fontcolor=white:box=1:boxcolor=black@0.5:boxborderw=5`;
  const bottom = "y=h-line_h-h/40";
  return [
    // Without expansion: `%{...}` in a name would be a command.
    `drawtext=text=${escaped(text)}:expansion=none:${style}:x=h/40:${bottom}`,
    `drawtext=text=%{localtime}:${style}:x=w-text_w-h/40:${bottom}`,
  ];
}

/**
 * Escapes text so that no character ends the option: once for the options of a filter, once for
 * the filtergraph (ffmpeg-filters manual, "Notes on filtergraph escaping").
 */
function escaped(text: string): string {
  const once = (text: string) => text.replace(/[\\':,;[\]=%\s]/g, "\\$&");
  return once(once(text));
}

/**
 * Reads `640x480+100+50`: width, height, columns left of it and rows above it.
 *
 * @throws {UsageError} if it is something else
 */
export function parseCrop(text: string): Region {
  const match = /^(\d{1,5})x(\d{1,5})\+(\d{1,5})\+(\d{1,5})$/.exec(text);
  const [width, height, x, y] = (match ?? []).slice(1).map(Number);
  if (match === null || width < 16 || height < 16) {
    throw new UsageError(
      `it must be WIDTHxHEIGHT+LEFT+TOP, e.g. 640x480+100+50, at least 16x16, received "${text}"`,
    );
  }
  return { width, height, x, y };
}
