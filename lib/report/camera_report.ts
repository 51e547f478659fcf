/**
 * Prints lists of cameras and of their controls, for people and for machines.
 *
 * @module
 */

import { type Camera, pathOf } from "../camera/camera.ts";
import { formatFps, type Mode } from "../camera/mode.ts";
import { safeText } from "../base/text.ts";
import { type CameraControl, rangeText } from "../camera/controls.ts";
import { columns } from "./columns.ts";

/** One JSON object per camera: `path` stays the same on every port, `device` is where it is now. */
export function cameraLines(cameras: Camera[]): string[] {
  return cameras.map((camera) => {
    const { name, device, number, modes, problem } = camera;
    return JSON.stringify({ name, path: pathOf(camera), device, number, modes, problem });
  });
}

/** One JSON object per control. */
export function controlLines(controls: CameraControl[]): string[] {
  return controls.map((control) => JSON.stringify(control));
}

/**
 * A table of cameras, each with its modes below.
 *
 * @param withoutRates whether the program that knows frame rates is missing
 */
export function cameraTable(cameras: Camera[], withoutRates: boolean): string[] {
  const lines = cameras.flatMap((camera) => [
    safeText(`${camera.number}: ${camera.name}`),
    `   ${pathOf(camera)}${camera.stablePath === undefined ? "" : ` (${camera.device})`}`,
    ...(camera.problem === undefined ? [] : [`   ${camera.problem}`]),
    ...columns(camera.modes.map((mode) => [
      mode.format,
      `${mode.width}x${mode.height}`,
      ratesText(mode),
    ])).map((line) => `   ${line}`),
  ]);
  return withoutRates
    ? [
      ...lines,
      "To see frame rates, and to use --controls and --set, install the package v4l-utils",
    ]
    : lines;
}

/** A table of controls, one per line. */
export function controlTable(controls: CameraControl[]): string[] {
  if (controls.length === 0) return ["This camera has no controls"];
  return columns([
    ["NAME", "NOW", "DEFAULT", "RANGE", ""],
    ...controls.map((control) => [
      control.name,
      `${control.value}`,
      `${control.default}`,
      safeText(rangeText(control)),
      control.flags.filter((flag) => /read-only|inactive/.test(flag)).join(", "),
    ]),
  ]);
}

function ratesText({ fps, anyFps }: Mode): string {
  if (fps.length === 0) return "";
  return `${fps.map(formatFps).join(anyFps ? " to " : ", ")} fps`;
}
