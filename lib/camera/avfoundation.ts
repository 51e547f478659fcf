/**
 * Parses ffmpeg's lists of cameras on macOS.
 *
 * @module
 */

import type { Mode } from "./mode.ts";
import { mergeModes } from "./mode_merging.ts";

/** Reads `ffmpeg -f avfoundation -list_devices true -i ""`: cameras' names by their indexes. */
export function parseDevices(lines: string[]): Map<number, string> {
  const cameras = new Map<number, string>();
  let isVideo = false;
  for (const line of lines) {
    const [, kind] = /AVFoundation (video|audio) devices:/.exec(line) ?? [];
    if (kind !== undefined) isVideo = kind === "video";
    const [, index, name] = /\] \[(\d+)\] (.+?)\s*$/.exec(line) ?? [];
    // Screens follow the cameras in the same list.
    if (isVideo && name !== undefined && !/^Capture screen \d+$/.test(name)) {
      cameras.set(Number(index), name);
    }
  }
  return cameras;
}

/**
 * Reads the modes that ffmpeg lists when asked for one that does not exist. Of a range of rates ffmpeg
 * accepts only the highest (libavdevice/avfoundation.m).
 */
export function parseModes(lines: string[]): Mode[] {
  return mergeModes(lines.flatMap((line) => {
    const match = /(\d+)x(\d+)@\[[\d.]+ ([\d.]+)\]fps/.exec(line);
    if (match === null) return [];
    const [width, height, fps] = match.slice(1).map(Number);
    return [{ format: "", width, height, fps: [fps] }];
  }));
}
