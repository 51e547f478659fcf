/**
 * The command that makes a loopback device.
 *
 * @module
 */

import { findProgram } from "../program/find_program.ts";

/** The program that makes and removes devices while the module is loaded, since version 0.13. */
export const LOOPBACK_CTL = "v4l2loopback-ctl";
/** The name of a device that is made for camcat, as other programs show it. */
export const NEW_DEVICE = "camcat";

/** Options of {@linkcode whatToRun}. */
export interface WhatToRunOptions {
  /** The path of the device that is wanted; anything else means that any will do. */
  path: string;
  /** The number of devices that there are. */
  devices: number;
  /** The folder that contains `sys` and `dev`. */
  root: string;
}

/**
 * What to run for a device more: with `exclusive_caps`, because browsers take no device for a
 * camera that is an output, too.
 */
export function whatToRun({ path, devices, root }: WhatToRunOptions): string {
  const [, number] = /^\/dev\/video(\d+)$/.exec(path) ?? [];
  const isNew = number !== undefined && !exists(`${root}${path}`);
  if (exists(`${root}/dev/v4l2loopback`) && findProgram(LOOPBACK_CTL) !== undefined) {
    return `sudo ${LOOPBACK_CTL} add --name ${NEW_DEVICE} --exclusive-caps 1` +
      (isNew ? ` ${path}` : "");
  }
  const load = "sudo modprobe v4l2loopback " +
    (devices === 0
      ? `exclusive_caps=1 card_label=${NEW_DEVICE}` + (isNew ? ` video_nr=${number}` : "")
      : `devices=${devices + 1} exclusive_caps=${Array(devices + 1).fill(1).join(",")}`);
  const isLoaded = exists(`${root}/sys/module/v4l2loopback`);
  return isLoaded ? `sudo modprobe -r v4l2loopback && ${load}` : load;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
