/**
 * The renditions that a stream can be sent as: the camera's own bytes, then smaller and coarser ones.
 *
 * @module
 */

import type { Size } from "../base/size.ts";

/** What a ladder is made for. */
export interface LadderSource {
  /** The size of the camera's pictures, in pixels. */
  size: Required<Size>;
  /** How coarsely they are quantised, in ffmpeg's `-q:v`. */
  qscale: number;
}

/** One step of a ladder. */
export interface Rung {
  /** Of the pictures, in pixels. */
  size: Required<Size>;
  /** ffmpeg's `-q:v`; undefined for the source itself, which is not encoded again. */
  qscale: number | undefined;
  /** Bytes of a picture, as a share of those of the source. An estimate. */
  share: number;
}

/**
 * Width, as a share of the source's, and `-q:v` of the steps. Each has about 0.6 of the bytes of the
 * one above. Size and quality go down in turns, since either alone looks worse at the same bytes.
 */
const STEPS: readonly (readonly [scale: number, qscale: number])[] = [
  [1, 8],
  [3 / 4, 8],
  [3 / 4, 13],
  [1 / 2, 9],
  [1 / 2, 14],
  [1 / 2, 22],
  [3 / 8, 20],
  [3 / 8, 30],
  [1 / 4, 24],
  [1 / 4, 31],
  [1 / 8, 24],
];

/** The coarsest that ffmpeg encodes. */
export const MAX_QSCALE = 31;

/** No rung is narrower: nobody would recognise anything. */
const MIN_WIDTH = 160;
/** A rung that saves less than this share of the bytes of the one above is left out. */
const MIN_SAVING = 0.2;
/** How bytes follow from `-q:v`: with this power (fitted to q 5 to 28 at widths 320 to 960). */
const QSCALE_POWER = -0.93;

/** What a small window shows is encoded this finely, before it becomes coarser. */
const WINDOW_QSCALE = 5;

/**
 * The ladder of a source, the sharpest rung first. The first rung is the source itself, unless it
 * has more pixels than `maxSize` allows.
 */
export function ladderOf({ size, qscale }: LadderSource, maxSize: Size = {}): Rung[] {
  const scale = Math.min(
    1,
    (maxSize.width ?? Infinity) / size.width,
    (maxSize.height ?? Infinity) / size.height,
  );
  const top = scaledSize(size, scale);
  const rungs: Rung[] = scale < 1 ? [] : [{ size, qscale: undefined, share: 1 }];
  const add = (smaller: Required<Size>, coarse: number) => {
    // Bits do not bring back what the source has lost; a smaller picture has lost less of it.
    const fine = Math.max(coarse, qscale * smaller.width / size.width);
    const share = Math.min(1, pixelsOf(smaller) / pixelsOf(size) * (fine / qscale) ** QSCALE_POWER);
    if (share > (rungs.at(-1)?.share ?? Infinity) * (1 - MIN_SAVING)) return;
    rungs.push({ size: smaller, qscale: Math.round(fine), share });
  };
  if (scale < 1) add(top, WINDOW_QSCALE);
  for (const [step, coarse] of STEPS) {
    const smaller = scaledSize(top, step);
    if (step < 1 && smaller.width < MIN_WIDTH) break;
    add(smaller, coarse);
  }
  return rungs;
}

function pixelsOf({ width, height }: Required<Size>): number {
  return width * height;
}

/** Even numbers, which chroma of half the width and height wants. */
function scaledSize({ width, height }: Required<Size>, scale: number): Required<Size> {
  const even = (pixels: number) => Math.max(2, Math.round(pixels * scale / 2) * 2);
  return scale === 1 ? { width, height } : { width: even(width), height: even(height) };
}
