/**
 * What a {@linkcode Webcam} does to the machine, so that a test can stand in for it.
 *
 * @module
 */

import type { Camera } from "../camera/camera.ts";
import { cameraAt, listCameras, realPath, stablePaths, videoNodes } from "../camera/cameras.ts";
import type { CameraControl, Setting } from "../camera/controls.ts";
import { followInput, inputTimings } from "../camera/dv_input.ts";
import { usersOf } from "../camera/device_users.ts";
import { applySettings, listControls } from "../camera/v4l2_ctl.ts";
import type { Frame } from "../jpeg/frame.ts";
import { Capture, type CaptureOptions } from "./capture.ts";
import type { Source } from "./source.ts";

/** The cameras of a machine. */
export interface CameraPort {
  /** Its operating system. */
  readonly os: typeof Deno.build.os;
  /** Lists its cameras. */
  list(): Promise<Camera[]>;
  /** The camera at a node `/dev/videoN`; undefined if there is none. */
  at(device: string): Promise<Camera | undefined>;
  /** Follows links; undefined if nothing is there. */
  realPath(path: string): string | undefined;
  /** Changes when a camera is plugged in or out. */
  signs(): string;
  /** The controls of a camera. */
  controls(device: string, name: string): Promise<CameraControl[]>;
  /** Sets controls. */
  set(device: string, settings: Setting[], name: string): Promise<void>;
  /** What the device at the input of an HDMI grabber sends; undefined for other cameras. */
  inputTimings(device: string): Promise<string | undefined>;
  /** Sets an HDMI grabber to that. */
  followInput(device: string): Promise<void>;
  /** The programs that use a device. */
  usersOf(device: string): string[];
  /** Captures from a device. */
  capture(source: Source, options: CaptureOptions): AsyncIterable<Frame>;
}

/** This machine. */
export const THIS_MACHINE: CameraPort = {
  os: Deno.build.os,
  list: () => listCameras(),
  at: cameraAt,
  realPath,
  signs: nodeSigns,
  controls: listControls,
  set: applySettings,
  inputTimings,
  followInput,
  usersOf,
  capture: (source, options) => new Capture(source).frames(options),
};

/** The nodes of cameras and the links to them. */
function nodeSigns(): string {
  const nodes = videoNodes().map((path) => {
    try {
      const { ino, ctime } = Deno.statSync(path);
      return `${path} ${ino} ${ctime?.getTime()}`; // udev changes its owner a moment later
    } catch {
      return ""; // it has disappeared meanwhile
    }
  });
  return [...nodes, ...[...stablePaths()].flat()].join("\n");
}
