/**
 * What a camera is, which one a name means, and which of its modes fits a wish.
 *
 * @module
 */

import { CamcatError, UsageError } from "./errors.ts";
import type { Size } from "./source.ts";

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

/** A camera of this machine. */
export interface Camera {
  /** What it calls itself. */
  name: string;
  /** What ffmpeg opens: `/dev/video0`, on macOS an index, on Windows a name. */
  device: string;
  /** What stays the same when it is plugged in elsewhere or later, if the system knows such a path. */
  stablePath?: string;
  /** N of `/dev/videoN`; elsewhere the place in the system's list, from 0. */
  number: number;
  /** What it offers; nothing if it could not be asked. */
  modes: Mode[];
  /** Why it could not be asked. */
  problem?: string;
}

/** What the user asked of a camera. */
export interface Wish {
  /** @default the largest up to 1280x720 that reaches 30 fps */
  size?: Size;
  /** Frames per second. @default 30, or what comes nearest */
  fps?: number;
  /** Only MJPEG will do. @default {false} */
  mjpeg?: boolean;
}

/** A mode with its rate settled. */
export interface Choice {
  /** ffmpeg's name of the format; empty where the system does not tell. */
  format: string;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** Frames per second. */
  fps: number;
}

const DEFAULT_WIDTH = 1280;
const DEFAULT_HEIGHT = 720;
const DEFAULT_FPS = 30;
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
export function chooseMode(modes: Mode[], wish: Wish): Choice | undefined {
  const candidates = modes
    .filter(({ format }) => !wish.mjpeg || format === "mjpeg")
    .map((mode, index) => ({ mode, fps: nearestFps(mode, wish.fps), cost: [] as number[], index }));
  for (const candidate of candidates) {
    const { mode, fps } = candidate;
    const format = formatRank(mode.format);
    const size = wish.size === undefined ? [] : [sizeDistance(mode, wish.size)];
    const rate = wish.fps === undefined
      ? [Math.max(0, DEFAULT_FPS * (1 - SAME_FPS) - fps)]
      : [Math.abs(fps - wish.fps)];
    // A picture too large for the default is worse than any that fits, and the smaller the better.
    const area = mode.width * mode.height;
    const fits = mode.width <= DEFAULT_WIDTH && mode.height <= DEFAULT_HEIGHT;
    const free = wish.size === undefined ? [fits ? 0 : 1] : [];
    const largest = fits ? -area : area;
    candidate.cost = wish.fps === undefined
      ? [...size, ...free, format, ...rate, largest]
      : [...size, ...free, ...rate, format, largest];
  }
  candidates.sort((a, b) => compare(a.cost, b.cost) || a.index - b.index);
  const best = candidates[0];
  if (best === undefined) return undefined;
  const { mode: { format, width, height }, fps } = best;
  return { format, width, height, fps };
}

/** Whether a choice is other than the wish in what was wished for. */
export function differs({ width, height, fps }: Choice, { size, fps: wished }: Wish): boolean {
  return (size?.width ?? width) !== width || (size?.height ?? height) !== height ||
    Math.abs((wished ?? fps) - fps) > fps * SAME_FPS;
}

/** A choice in words: `mjpeg 1280x720 at 30 fps`. */
export function choiceText({ format, width, height, fps }: Choice): string {
  return `${format} ${width}x${height} at ${formatFps(fps)} fps`.trimStart();
}

/** A wish in words: `1280x720 at 30 fps`. */
export function wishText({ size, fps }: Wish): string {
  return [
    ...(size === undefined ? [] : [`${size.width ?? ""}x${size.height ?? ""}`]),
    ...(fps === undefined ? [] : [`${formatFps(fps)} fps`]),
  ].join(" at ");
}

/** A rate to two decimals at most: `30`, `7.5`, `29.97`. */
export function formatFps(fps: number): string {
  return `${Math.round(fps * 100) / 100}`;
}

/**
 * Finds the camera that a SOURCE means: a number, its name in any case, or, if that is
 * no camera's name, a part of it that only one camera's name has.
 *
 * @throws {UsageError} if several cameras fit
 * @throws {CamcatError} if none does
 */
export function pickCamera(text: string, cameras: Camera[]): Camera {
  if (/^\d+$/.test(text)) {
    const camera = cameras.find(({ number }) => number === Number(text));
    if (camera !== undefined) return camera;
    throw new CamcatError(`Cannot find camera ${text}: ${inventory(cameras)}`);
  }
  const wanted = text.toLowerCase();
  const whole = cameras.filter(({ name }) => name.toLowerCase() === wanted);
  const fitting = whole.length > 0
    ? whole
    : cameras.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (fitting.length === 1) return fitting[0];
  if (fitting.length > 1) {
    throw new UsageError(
      `Cannot choose between ${fitting.length} cameras called "${text}": ${listed(fitting)}. ` +
        "Give more of the name, or the number or path of one",
    );
  }
  throw new CamcatError(
    `Cannot find "${text}": there is no such file, and no camera with that in its name; ` +
      inventory(cameras),
  );
}

/**
 * Finds a camera again after it was plugged in anew: where it was, or anywhere else if
 * there was no other of its name, which it could be mistaken for.
 *
 * @param isUnique whether it was the only one of its name when it was first seen
 */
export function findAgain(
  { name, device, stablePath }: Camera,
  isUnique: boolean,
  cameras: Camera[],
): Camera | undefined {
  const namesakes = cameras.filter((camera) => camera.name === name);
  return namesakes.find((camera) =>
    stablePath === undefined ? camera.device === device : camera.stablePath === stablePath
  ) ?? (isUnique && namesakes.length === 1 ? namesakes[0] : undefined);
}

/** The path by which a camera is best named: the one that stays. */
export function pathOf({ stablePath, device }: Camera): string {
  return stablePath ?? device;
}

function inventory(cameras: Camera[]): string {
  if (cameras.length === 0) {
    return "there is no camera at all. Plug one in, or try `sender test` for a built-in picture";
  }
  return `the cameras here are ${listed(cameras)}. Name one of them`;
}

function listed(cameras: Camera[]): string {
  return cameras.map(({ name, number, device }) =>
    `${number}: ${name}${device.startsWith("/") ? ` (${device})` : ""}`
  ).join(", ");
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

/** Sizes that are in use; what to offer of a camera that takes every size in a range. */
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

/** The sizes worth listing between two, in steps: both ends, and the usual ones. */
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

/** Modes of the same format and size as one, with all their rates, in the order they came. */
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
