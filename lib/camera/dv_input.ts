/**
 * The video input of an HDMI grabber, whose size and rate the connected device chooses
 * (V4L2 "DV timings"). It may change at any time.
 *
 * @module
 */

import { runToEndIfInstalled } from "../program/child.ts";

/**
 * What the connected device sends now, e.g. `1280x720`; undefined if a device has no such input, it
 * has no signal, or v4l2-ctl is missing.
 */
export async function inputTimings(device: string): Promise<string | undefined> {
  const answer = await v4l2Ctl(device, "--query-dv-timings");
  return answer === undefined ? undefined : parseTimings(answer);
}

/** Sets a grabber to what the connected device sends. Other cameras ignore it. */
export async function followInput(device: string): Promise<void> {
  await v4l2Ctl(device, "--set-dv-bt-timings=query");
}

/** Reads `v4l2-ctl --query-dv-timings`. */
export function parseTimings(text: string): string | undefined {
  const width = /^\s*Active width: (\d+)$/m.exec(text)?.[1];
  const height = /^\s*Active height: (\d+)$/m.exec(text)?.[1];
  return Number(width) > 0 && Number(height) > 0 ? `${width}x${height}` : undefined;
}

async function v4l2Ctl(device: string, arg: string): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  return (await runToEndIfInstalled("v4l2-ctl", [`--device=${device}`, arg]))?.text;
}
