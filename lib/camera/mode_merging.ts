/**
 * Makes lists of modes from the ranges and pieces that systems report.
 *
 * @module
 */

import type { Mode } from "./mode.ts";

/** Common sizes: the ones to list for a camera that accepts every size in a range. */
const USUAL_SIZES = [
  [160, 120],
  [176, 144],
  [320, 180],
  [320, 240],
  [352, 288],
  [640, 360],
  [640, 480],
  [800, 600],
  [960, 540],
  [1024, 768],
  [1280, 720],
  [1280, 960],
  [1600, 1200],
  [1920, 1080],
  [2560, 1440],
  [2592, 1944],
  [3840, 2160],
];

/** The sizes worth listing between two, in steps: both ends and the common ones. */
export function sizesBetween(
  [minWidth, minHeight]: [number, number],
  [maxWidth, maxHeight]: [number, number],
  [stepX, stepY]: [number, number] = [1, 1],
): [number, number][] {
  const usual = USUAL_SIZES.filter(([width, height]) =>
    width > minWidth && width < maxWidth && height > minHeight && height < maxHeight &&
    (width - minWidth) % stepX === 0 && (height - minHeight) % stepY === 0
  ) as [number, number][];
  return minWidth === maxWidth && minHeight === maxHeight
    ? [[maxWidth, maxHeight]]
    : [[minWidth, minHeight], ...usual, [maxWidth, maxHeight]];
}

/** Merges modes of the same format and size, with all their rates; keeps the order. */
export function mergeModes(modes: Mode[]): Mode[] {
  const merged = new Map<string, Mode>();
  for (const mode of modes) {
    const key = `${mode.format} ${mode.width}x${mode.height}`;
    const known = merged.get(key);
    const fps = [...new Set([...known?.fps ?? [], ...mode.fps])].sort((a, b) => b - a);
    const anyFps = mode.anyFps || known?.anyFps;
    merged.set(key, { ...mode, fps, ...(anyFps ? { anyFps } : {}) });
  }
  return [...merged.values()];
}
