/**
 * Cameras, and finding one by its name or number.
 *
 * @module
 */

import { CamcatError, UsageError } from "../base/errors.ts";
import type { Mode } from "./mode.ts";

/** A camera of this machine. */
export interface Camera {
  /** Its own name. */
  name: string;
  /** What ffmpeg opens: `/dev/video0`, on macOS an index, on Windows a name. */
  device: string;
  /** A path that stays the same on every port, if the system has one. */
  stablePath?: string;
  /** N of `/dev/videoN`; on other systems its index in the list, from 0. */
  number: number;
  /** The modes it offers; empty if they are unknown. */
  modes: Mode[];
  /** Why its modes are unknown. */
  problem?: string;
}

/**
 * Finds the camera that a SOURCE means: a number, a name in any case, or, if no
 * camera has that name, a part of one camera's name.
 *
 * @throws {UsageError} if several cameras match
 * @throws {CamcatError} if no camera matches
 */
export function pickCamera(text: string, cameras: Camera[]): Camera {
  if (/^\d+$/.test(text)) {
    const camera = cameras.find(({ number }) => number === Number(text));
    if (camera !== undefined) return camera;
    throw new CamcatError(`Cannot find camera ${text}: ${inventory(cameras)}`);
  }
  const wanted = text.toLowerCase();
  const whole = cameras.filter(({ name }) => name.toLowerCase() === wanted);
  const matching = whole.length > 0
    ? whole
    : cameras.filter(({ name }) => name.toLowerCase().includes(wanted));
  if (matching.length === 1) return matching[0];
  if (matching.length > 1) {
    throw new UsageError(
      `Cannot choose between ${matching.length} cameras called "${text}": ${listed(matching)}. ` +
        "Give more of the name, or a number or path",
    );
  }
  throw new CamcatError(
    `Cannot find "${text}": no file and no camera has that name; ` +
      inventory(cameras),
  );
}

/**
 * Finds a camera again after it was plugged in: at its old place, or at any other if no other camera
 * had its name.
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

/** The best path of a camera: the one that stays the same. */
export function pathOf({ stablePath, device }: Camera): string {
  return stablePath ?? device;
}

function inventory(cameras: Camera[]): string {
  if (cameras.length === 0) {
    return "this machine has no camera. Plug one in, or try `sender test` for a built-in picture";
  }
  return `the cameras here are ${listed(cameras)}. Name one of them`;
}

function listed(cameras: Camera[]): string {
  return cameras.map(({ name, number, device }) =>
    `${number}: ${name}${device.startsWith("/") ? ` (${device})` : ""}`
  ).join(", ");
}
