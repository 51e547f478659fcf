/**
 * The modes of a camera, and selecting one of them.
 *
 * @module
 */

import type { Size } from "../base/size.ts";

/** A format, size and rate that a camera offers. */
export interface Mode {
  /** ffmpeg's name of the format, e.g. `mjpeg` or `yuyv422`; empty where it is unknown. */
  format: string;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second, highest first; empty where they are unknown. */
  fps: number[];
  /** Whether it also offers every rate between the highest and the lowest. @default {false} */
  anyFps?: boolean;
}

/** What the user asked of a camera. */
export interface ModeRequest {
  /** @default the largest up to 1280x720 that reaches 30 fps */
  size?: Size;
  /** Frames per second. @default 30, or the nearest */
  fps?: number;
  /** Only MJPEG is acceptable. @default {false} */
  mjpeg?: boolean;
}

/** A mode with one rate. */
export interface SelectedMode {
  /** ffmpeg's name of the format; empty where it is unknown. */
  format: string;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second. */
  fps: number;
}

/** The size to ask for where the user gave none, in pixels. */
export const DEFAULT_SIZE = { width: 1280, height: 720 } as const;
/** The rate to ask for where the user gave none, in frames per second. */
export const DEFAULT_FPS = 30;
/** Rates that differ by less are the same: 29.97 fps counts as 30. */
const SAME_FPS = 0.05;

/** Formats that ffmpeg has to decode; the others are raw. */
const COMPRESSED = new Set(["h264", "hevc", "mpeg4", "vp8", "vp9", "cpia"]);

/**
 * Selects the mode to capture in. The camera's own JPEGs come first, because they pass untouched;
 * then raw pictures; then streams that must be decoded. A requested size counts more than a requested
 * rate, and that counts more than the format.
 *
 * @returns undefined if no mode is acceptable, for example if MJPEG is required and not offered
 */
export function chooseMode(modes: Mode[], request: ModeRequest): SelectedMode | undefined {
  const candidates = modes
    .filter(({ format }) => !request.mjpeg || format === "mjpeg")
    .map((mode) => {
      const fps = nearestFps(mode, request.fps);
      return { mode, fps, cost: costOf(mode, fps, request) };
    });
  if (candidates.length === 0) return undefined;
  const { mode: { format, width, height }, fps } = candidates
    .reduce((best, candidate) => compare(candidate.cost, best.cost) < 0 ? candidate : best);
  return { format, width, height, fps };
}

/** The drawbacks of a mode, the most important first. */
function costOf(mode: Mode, fps: number, { size, fps: requested }: ModeRequest): number[] {
  const format = formatRank(mode.format);
  const rate = requested === undefined
    ? Math.max(0, DEFAULT_FPS * (1 - SAME_FPS) - fps)
    : Math.max(0, Math.abs(fps - requested) - requested * SAME_FPS);
  // Above the default size the smallest mode is best, below it the largest.
  const area = mode.width * mode.height;
  const fits = mode.width <= DEFAULT_SIZE.width && mode.height <= DEFAULT_SIZE.height;
  const free = size === undefined ? [fits ? 0 : 1] : [];
  return [
    ...(size === undefined ? [] : [sizeDistance(mode, size)]),
    ...(requested === undefined ? [format, ...free, rate] : [rate, format, ...free]),
    fits ? -area : area,
  ];
}

/** Whether a selected mode differs from what was requested. */
export function differs(
  { width, height, fps }: SelectedMode,
  { size, fps: requested }: ModeRequest,
): boolean {
  return (size?.width ?? width) !== width || (size?.height ?? height) !== height ||
    Math.abs((requested ?? fps) - fps) > fps * SAME_FPS;
}

/** A selected mode in words: `mjpeg 1280x720 at 30 fps`. */
export function selectedText({ format, width, height, fps }: SelectedMode): string {
  return `${format} ${width}x${height} at ${formatFps(fps)} fps`.trimStart();
}

/** A request in words: `1280x720 at 30 fps`. */
export function requestText({ size, fps }: ModeRequest): string {
  return [
    ...(size === undefined ? [] : [`${size.width ?? ""}x${size.height ?? ""}`]),
    ...(fps === undefined ? [] : [`${formatFps(fps)} fps`]),
  ].join(" at ");
}

/** A rate to two decimals at most: `30`, `7.5`, `29.97`. */
export function formatFps(fps: number): string {
  return `${Math.round(fps * 100) / 100}`;
}

/** The nearest rate of a mode; without a request, the lowest one that is enough. */
function nearestFps({ fps, anyFps }: Mode, requested: number | undefined): number {
  if (fps.length === 0) return requested ?? DEFAULT_FPS; // unknown: the driver will report it
  const target = requested ?? DEFAULT_FPS;
  if (anyFps) return Math.min(Math.max(target, fps.at(-1)!), fps[0]);
  if (requested === undefined) {
    return fps.findLast((rate) => rate >= DEFAULT_FPS * (1 - SAME_FPS)) ?? fps[0];
  }
  return fps.reduce((best, rate) =>
    Math.abs(rate - target) < Math.abs(best - target) ? rate : best
  );
}

function sizeDistance(mode: Mode, { width, height }: Size): number {
  return Math.abs(mode.width - (width ?? mode.width)) +
    Math.abs(mode.height - (height ?? mode.height));
}

function formatRank(format: string): number {
  return format === "mjpeg" ? 0 : COMPRESSED.has(format) ? 2 : 1;
}

function compare(a: number[], b: number[]): number {
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) return a[index] - b[index];
  }
  return 0;
}
