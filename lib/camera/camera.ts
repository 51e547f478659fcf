/**
 * What a camera is, and which one a name means.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import type { Mode } from "./mode.ts";

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
