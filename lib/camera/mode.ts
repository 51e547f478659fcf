/**
 * The modes of a camera, and which of them fits a wish.
 *
 * @module
 */

import type { Size } from "../base/size.ts";

/** A way in which a camera can deliver pictures. */
export interface Mode {
  /** ffmpeg's name of the format, as `mjpeg` or `yuyv422`; empty where the system does not tell. */
  format: string;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second, highest first; none where they are not known. */
  fps: number[];
  /** Whether every rate between the highest and the lowest is there, too. @default {false} */
  anyFps?: boolean;
}

/** What the user asked of a camera. */
export interface ModeRequest {
  /** @default the largest up to 1280x720 that reaches 30 fps */
  size?: Size;
  /** Frames per second. @default 30, or what comes nearest */
  fps?: number;
  /** Only MJPEG will do. @default {false} */
  mjpeg?: boolean;
}

/** A mode with its rate settled. */
export interface SelectedMode {
  /** ffmpeg's name of the format; empty where the system does not tell. */
  format: string;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second. */
  fps: number;
}

/** What is asked of a source that gives any size or comes in many, in pixels. */
export const DEFAULT_SIZE = { width: 1280, height: 720 } as const;
/** Frames per second asked of a source that can give any. */
export const DEFAULT_FPS = 30;
/** What counts as the same rate: 29.97 fps are 30 to everyone but a broadcaster. */
const SAME_FPS = 0.05;

/** What ffmpeg's V4L2 and dshow inputs give as packets to be decoded; the rest is raw. */
const COMPRESSED = new Set(["h264", "hevc", "mpeg4", "vp8", "vp9", "cpia"]);

/**
 * Chooses the mode to capture in. The camera's own JPEGs come first, because they
 * are passed on as they are; then raw pictures; then streams that must be decoded.
 * A size that was asked for counts more than a rate, and a rate that was asked for
 * more than the format.
 *
 * @returns undefined if no mode will do, as when MJPEG is wished for and not offered
 */
export function chooseMode(modes: Mode[], wish: ModeRequest): SelectedMode | undefined {
  const candidates = modes
    .filter(({ format }) => !wish.mjpeg || format === "mjpeg")
    .map((mode) => {
      const fps = nearestFps(mode, wish.fps);
      return { mode, fps, cost: costOf(mode, fps, wish) };
    });
  if (candidates.length === 0) return undefined;
  const { mode: { format, width, height }, fps } = candidates
    .reduce((best, candidate) => compare(candidate.cost, best.cost) < 0 ? candidate : best);
  return { format, width, height, fps };
}

/** What speaks against a mode, the weightiest first. */
function costOf(mode: Mode, fps: number, { size, fps: wished }: ModeRequest): number[] {
  const format = formatRank(mode.format);
  const rate = wished === undefined
    ? Math.max(0, DEFAULT_FPS * (1 - SAME_FPS) - fps)
    : Math.max(0, Math.abs(fps - wished) - wished * SAME_FPS);
  // Of pictures larger than the default the smallest is best, and of others the largest.
  const area = mode.width * mode.height;
  const fits = mode.width <= DEFAULT_SIZE.width && mode.height <= DEFAULT_SIZE.height;
  const free = size === undefined ? [fits ? 0 : 1] : [];
  return [
    ...(size === undefined ? [] : [sizeDistance(mode, size)]),
    ...(wished === undefined ? [format, ...free, rate] : [rate, format, ...free]),
    fits ? -area : area,
  ];
}

/** Whether a choice is other than the wish in what was wished for. */
export function differs(
  { width, height, fps }: SelectedMode,
  { size, fps: wished }: ModeRequest,
): boolean {
  return (size?.width ?? width) !== width || (size?.height ?? height) !== height ||
    Math.abs((wished ?? fps) - fps) > fps * SAME_FPS;
}

/** A choice in words: `mjpeg 1280x720 at 30 fps`. */
export function selectedText({ format, width, height, fps }: SelectedMode): string {
  return `${format} ${width}x${height} at ${formatFps(fps)} fps`.trimStart();
}

/** A wish in words: `1280x720 at 30 fps`. */
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

/** The rate of a mode that comes nearest; unless one is wished for, the lowest that is enough. */
function nearestFps({ fps, anyFps }: Mode, wished: number | undefined): number {
  if (fps.length === 0) return wished ?? DEFAULT_FPS; // not known: the driver will say
  const target = wished ?? DEFAULT_FPS;
  if (anyFps) return Math.min(Math.max(target, fps.at(-1)!), fps[0]);
  if (wished === undefined) {
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
