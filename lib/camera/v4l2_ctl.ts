/**
 * Listing and setting the controls of a camera.
 *
 * @module
 */

import { runToEndIfInstalled } from "../program/child.ts";
import { CamcatError } from "../base/errors.ts";
import { type CameraControl, parseControls, type Setting } from "./controls.ts";

/**
 * The controls of a camera.
 *
 * @param name the camera's name in messages
 * @throws {CamcatError} if this system cannot list them
 */
export async function listControls(device: string, name: string): Promise<CameraControl[]> {
  return parseControls(
    await v4l2Ctl(device, ["--list-ctrls-menus"], `read the controls of ${name}`),
  );
}

/**
 * Sets controls one after another, in the order given: some can be set only after an automatic mode
 * was turned off.
 *
 * @throws {CamcatError} if the camera refuses one
 */
export async function applySettings(
  device: string,
  settings: Setting[],
  name: string,
): Promise<void> {
  for (const { name: control, value } of settings) {
    await v4l2Ctl(device, [`--set-ctrl=${control}=${value}`], `set ${control} of ${name}`);
  }
}

async function v4l2Ctl(device: string, args: string[], what: string): Promise<string> {
  if (Deno.build.os !== "linux") {
    throw new CamcatError(
      `Cannot ${what}: camcat can do that only on Linux. Use the camera's own settings program`,
    );
  }
  const answer = await runToEndIfInstalled("v4l2-ctl", [`--device=${device}`, ...args]);
  if (answer === undefined) {
    throw new CamcatError(
      `Cannot ${what}: v4l2-ctl is not installed. Install the package v4l-utils: ` +
        "apt install v4l-utils, dnf install v4l-utils",
    );
  }
  // Its exit status is 0 even if the driver refuses a value.
  const refusal = answer.lines.find((line) => /VIDIOC_S_\w*CTRLS?: failed|error/i.test(line));
  if (!answer.success || refusal !== undefined) {
    const reason = refusal?.replace(/^.*failed: /, "") ?? answer.lines.at(-1) ??
      "it gave no reason";
    throw new CamcatError(
      `Cannot ${what}: the camera refused (${reason.trim()}). ` +
        "Some controls can be set only after an automatic mode is off: see --controls",
      { details: answer.lines.join("\n") },
    );
  }
  return answer.text;
}
