/**
 * Finding the cameras of this machine, and what they offer.
 *
 * @module
 */

import { runToEnd, runToEndIfInstalled } from "../program/child.ts";
import * as avfoundation from "./avfoundation.ts";
import type { Camera } from "./camera.ts";
import type { Mode } from "./mode.ts";
import * as dshow from "./dshow.ts";
import { type Node, parseFormats, parseNode, parseSources } from "./v4l2.ts";

const BY_ID = "/dev/v4l/by-id";
/** ffmpeg's words about a device that gives no pictures. */
const NO_CAMERA = /Inappropriate ioctl|Not a video capture device|VIDIOC_G_INPUT/;

/**
 * The cameras of this machine, by their numbers, with what each offers. Nodes that give
 * no pictures, such as a webcam's metadata node, are left out.
 *
 * @throws {CamcatError} if ffmpeg is not installed
 */
export async function listCameras(os = Deno.build.os): Promise<Camera[]> {
  switch (os) {
    case "darwin":
      return await avfoundationCameras();
    case "windows":
      return await dshowCameras();
    default:
      return await v4l2Cameras();
  }
}

/** The nodes `/dev/videoN`, by their numbers: cameras and others. */
export function videoNodes(): string[] {
  return [...Deno.readDirSync("/dev")]
    .flatMap(({ name }) => /^video(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => `/dev/video${number}`);
}

/** The link in `/dev/v4l/by-id` to each node that has one. */
export function stablePaths(): Map<string, string> {
  try {
    return new Map(
      [...Deno.readDirSync(BY_ID)].map(({ name }) => `${BY_ID}/${name}`)
        .flatMap((path) => {
          const device = realPath(path);
          return device === undefined ? [] : [[device, path] as const];
        }),
    );
  } catch {
    return new Map(); // no udev, as in containers, or no camera with an identity
  }
}

/** The target of a path, through all links; undefined if there is none. */
export function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** Whether v4l2-ctl is installed: without it there are no rates and no controls. */
export async function hasV4l2Ctl(): Promise<boolean> {
  return await runToEndIfInstalled("v4l2-ctl", ["--version"]) !== undefined;
}

/** The camera at a node `/dev/videoN`; undefined if there is none. Only on Linux. */
export async function cameraAt(device: string): Promise<Camera | undefined> {
  const node = await describeNode(device);
  if (node === undefined) return undefined;
  const { modes, problem } = node;
  const stablePath = stablePaths().get(device);
  return {
    name: node.name ?? (problem === undefined ? await nameOfNode(device) : device),
    device,
    ...(stablePath === undefined ? {} : { stablePath }),
    number: Number(device.replace("/dev/video", "")),
    modes,
    ...(problem === undefined ? {} : { problem }),
  };
}

async function v4l2Cameras(): Promise<Camera[]> {
  const cameras: Camera[] = [];
  // One after another: on a small machine they might not answer in time all at once.
  for (const device of videoNodes()) {
    const camera = await cameraAt(device);
    if (camera !== undefined) cameras.push(camera);
  }
  return cameras;
}

/** What a node offers, or why that is unknown; undefined if it is no camera. */
async function describeNode(device: string): Promise<Node & { problem?: string } | undefined> {
  const input = [`--device=${device}`, "--info", "--list-formats-ext"];
  const report = await runToEndIfInstalled("v4l2-ctl", input);
  const answer = report ?? await runToEnd("ffmpeg", [
    ...["-hide_banner", "-f", "v4l2", "-list_formats", "all", "-i", device],
  ]);
  const node = report === undefined
    ? { modes: parseFormats(answer.lines) }
    : parseNode(report.text);
  if (node.modes.length > 0) return node;
  if (answer.success || NO_CAMERA.test(answer.lines.join("\n"))) return undefined;
  return { modes: [], problem: "it cannot be opened. Check its permissions" };
}

/** The name of a node, from ffmpeg; v4l2-ctl reports it together with the modes. */
async function nameOfNode(device: string): Promise<string> {
  const { text } = await runToEnd("ffmpeg", ["-hide_banner", "-sources", "v4l2"]);
  return parseSources(text).get(device) ?? device;
}

async function avfoundationCameras(): Promise<Camera[]> {
  const input = ["-hide_banner", "-f", "avfoundation"];
  const { lines } = await runToEnd("ffmpeg", [...input, "-list_devices", "true", "-i", ""]);
  return await withModes(
    [...avfoundation.parseDevices(lines)]
      .map(([number, name]) => ({ name, device: `${number}`, number })),
    // ffmpeg lists the sizes of a camera when asked for one that it does not have.
    ({ device }) => [...input, "-video_size", "1x1", "-i", `${device}:none`],
    avfoundation.parseModes,
  );
}

async function dshowCameras(): Promise<Camera[]> {
  const input = ["-hide_banner", "-f", "dshow"];
  const { lines } = await runToEnd("ffmpeg", [...input, "-list_devices", "true", "-i", "dummy"]);
  return await withModes(
    dshow.parseDevices(lines).map(({ name, alternative }, number) => ({
      name,
      device: alternative ?? name,
      number,
      ...(alternative === undefined ? {} : { stablePath: alternative }),
    })),
    ({ device }) => [...input, "-list_options", "true", "-i", `video=${device}`],
    dshow.parseModes,
  );
}

async function withModes(
  cameras: Omit<Camera, "modes">[],
  args: (camera: Omit<Camera, "modes">) => string[],
  parse: (lines: string[]) => Mode[],
): Promise<Camera[]> {
  return await Promise.all(cameras.map(async (camera) => {
    const modes = parse((await runToEnd("ffmpeg", args(camera))).lines);
    return { ...camera, modes, ...(modes.length > 0 ? {} : { problem: "it does not answer" }) };
  }));
}
