/**
 * Size and rate of a webcam.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import type { Size } from "../base/size.ts";

/** What a webcam gives, whatever it is fed with. */
export interface WebcamMode extends Required<Size> {
  /** Pictures per second. */
  fps: number;
}

/** What every program that shows a webcam takes. */
export const DEFAULT_WEBCAM_MODE: WebcamMode = { width: 1280, height: 720, fps: 30 };

/** Bounds that programs for webcams and v4l2loopback have. */
const [MIN_SIDE, MAX_WIDTH, MAX_HEIGHT, MAX_FPS] = [32, 3840, 2160, 60];

/**
 * Parses a mode: `1280x720@30`, `640x480` at the default rate.
 *
 * @throws {UsageError} if `text` is not a mode
 */
export function parseWebcamMode(text: string): WebcamMode {
  const match = /^(\d{1,4})x(\d{1,4})(?:@(\d{1,2}))?$/.exec(text);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  const fps = Number(match?.[3] ?? DEFAULT_WEBCAM_MODE.fps);
  const isRight = width >= MIN_SIDE && width <= MAX_WIDTH && width % 2 === 0 &&
    height >= MIN_SIDE && height <= MAX_HEIGHT && height % 2 === 0 && fps >= 1 && fps <= MAX_FPS;
  if (isRight) return { width, height, fps };
  throw new UsageError(
    `it must be like 1280x720@30, of even sides from ${MIN_SIDE}x${MIN_SIDE} to ` +
      `${MAX_WIDTH}x${MAX_HEIGHT} and 1 to ${MAX_FPS} pictures a second, received "${text}"`,
  );
}
