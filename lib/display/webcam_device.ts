/**
 * Finding the device that other programs see as a webcam: a loopback device of Linux's module
 * v4l2loopback, https://github.com/umlaeute/v4l2loopback.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { usersOf } from "../camera/device_users.ts";
import { runToEnd, runToEndIfInstalled } from "../program/child.ts";
import { LOOPBACK_CTL, NEW_DEVICE, whatToRun } from "./webcam_help.ts";

/** Stands for the first loopback device to which no program writes. */
export const ANY_WEBCAM = "auto";
/** How many attributes are read: /sys may name any number of devices. */
const MAX_DEVICES = 64;

/** A loopback device. */
export interface WebcamDevice {
  /** Its path, `/dev/videoN`. */
  path: string;
  /** The name that other programs show. */
  name: string;
  /** Whether it was made here. */
  isOurs?: boolean;
}

/**
 * Finds the device that the user means. If there is none of that name, or none is free, and the
 * user may do that, makes one with v4l2loopback-ctl.
 *
 * @param wanted a path, a number N for `/dev/videoN`, a name or a part of it in any case, or `auto`
 * @param root the folder that contains `sys` and `dev`
 * @throws {CamcatError} with what to do, if there is no such device, or a program writes to it
 */
export async function findWebcam(wanted: string, root = ""): Promise<WebcamDevice> {
  if (Deno.build.os !== "linux") {
    throw new CamcatError(
      "Cannot be a webcam on this system: --webcam needs Linux and its module v4l2loopback. Show " +
        "the window of the receiver in OBS instead, and start the virtual camera of OBS",
    );
  }
  const devices = await loopbackDevices(root);
  const path = /^\d+$/.test(wanted) ? `/dev/video${wanted}` : wanted;
  const real = path.startsWith("/") ? realPath(path, root) : undefined;
  const meant = path.startsWith("/")
    ? devices.filter((device) => device.path === real)
    : wanted === ANY_WEBCAM
    ? devices
    : devices.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  for (const device of meant) if (await isFree(device.path, root)) return device;

  if (!path.startsWith("/") && (wanted === ANY_WEBCAM || meant.length === 0)) {
    const made = await makeDevice(wanted === ANY_WEBCAM ? NEW_DEVICE : wanted);
    if (made !== undefined) return made;
  }
  const help = whatToRun({ path, devices: devices.length, root });
  const all = devices.map(({ path, name }) => `${path} (${name})`).join(", ");
  if (meant.length > 0) {
    const users = meant.flatMap(({ path }) => usersOf(path));
    const open = users.length === 0 ? "" : `. Open in: ${users.join(", ")}`;
    throw new CamcatError(
      meant.length === 1
        ? `Cannot be the webcam ${meant[0].path}: another program writes to it${open}. Close ` +
          `that, or make one more device. Run: ${help}`
        : `Cannot be a webcam: other programs write to all of ${all}${open}. Run: ${help}`,
    );
  }
  throw new CamcatError(
    real !== undefined
      ? `Cannot be the webcam ${path}: it must be a loopback device, and it is not. ` +
        (all === "" ? `Run: ${help}` : `There is ${all}`)
      : all === ""
      ? "Cannot be a webcam: there is no loopback device. They need the kernel module " +
        `v4l2loopback (package v4l2loopback-dkms). Run: ${help}`
      : `Cannot be the webcam ${wanted}: there is only ${all}. Run: ${help}`,
  );
}

/** Removes a device that was made here. One that another program has open stays. */
export async function removeWebcam({ path, isOurs }: WebcamDevice): Promise<void> {
  if (isOurs) await runToEnd(LOOPBACK_CTL, ["delete", path]);
}

/** The loopback devices of this machine, by their numbers. */
async function loopbackDevices(root: string): Promise<WebcamDevice[]> {
  const folder = `${root}/sys/class/video4linux`;
  const numbers = namesIn(folder)
    .flatMap((name) => /^video(\d{1,4})$/.exec(name)?.[1] ?? [])
    // Only loopback devices have this attribute.
    .filter((number) => namesIn(`${folder}/video${number}`).includes("max_openers"))
    .map(Number).sort((a, b) => a - b).slice(0, MAX_DEVICES);
  return await Promise.all(numbers.map(async (number) => {
    const path = `/dev/video${number}`;
    return { path, name: await attributeOf(path, "name", root) ?? "" };
  }));
}

/** The text of an attribute; undefined if there is none. */
async function attributeOf(
  path: string,
  attribute: string,
  root: string,
): Promise<string | undefined> {
  const file = `${root}/sys/class/video4linux/${path.replace("/dev/", "")}/${attribute}`;
  const { success, text } = await runToEnd("cat", [file]); // Deno reads nothing in /sys
  return success ? safeText(text.trim()) : undefined;
}

/** Whether no program writes to a device. Programs that wait for its pictures may have it open. */
async function isFree(path: string, root: string): Promise<boolean> {
  const state = await attributeOf(path, "state", root);
  if (state !== undefined) return state !== "capture";
  // Version 0.12 has no such attribute, and lets a second program write into the pictures of the
  // first. Devices with `exclusive_caps` are cameras only while a program writes to them.
  if (!await attributeOf(path, "format", root)) return true;
  const input = ["-hide_banner", "-f", "v4l2", "-list_formats", "all", "-i", path];
  return (await runToEnd("ffmpeg", input)).lines.join().includes("Not a video capture device");
}

/** Makes a device. @returns undefined if that is not possible, or not allowed */
async function makeDevice(name: string): Promise<WebcamDevice | undefined> {
  const args = ["add", "--name", name, "--exclusive-caps", "1"];
  const added = await runToEndIfInstalled(LOOPBACK_CTL, args);
  const path = added?.success ? added.text.trim() : "";
  return /^\/dev\/video\d+$/.test(path) ? { path, name, isOurs: true } : undefined;
}

/** A path without links, from `root`; undefined if nothing is there. */
function realPath(path: string, root: string): string | undefined {
  try {
    return Deno.realPathSync(root + path).slice(root.length);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}
