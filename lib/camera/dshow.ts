/**
 * Parses ffmpeg's lists of cameras on Windows.
 *
 * @module
 */

import type { Mode } from "./mode.ts";
import { mergeModes, sizesBetween } from "./mode_merging.ts";

/** A camera in DirectShow. */
export interface Device {
  /** Its name; two cameras of the same model share it. */
  name: string;
  /** Its unique name, which stays the same on the same port; ffmpeg can open it. */
  alternative?: string;
}

/**
 * Reads `ffmpeg -f dshow -list_devices true -i dummy`. Up to version 4 ffmpeg put
 * headings before cameras and microphones; since then each line states its kind.
 */
export function parseDevices(lines: string[]): Device[] {
  const devices: Device[] = [];
  let isVideo = false;
  let latest: Device | undefined;
  for (const line of lines) {
    const [, heading] = /DirectShow (video|audio) devices/.exec(line) ?? [];
    if (heading !== undefined) isVideo = heading === "video";
    const [, alternative] = /\]\s+Alternative name "(.*)"/.exec(line) ?? [];
    if (alternative !== undefined && latest !== undefined) latest.alternative = alternative;
    const [, name, kinds] = /\]\s+"(.*)"(?: \((.*)\))?\s*$/.exec(line) ?? [];
    if (name === undefined || alternative !== undefined) continue;
    latest = { name };
    if (kinds === undefined ? isVideo : /\bvideo\b/.test(kinds)) devices.push(latest);
  }
  return devices;
}

/** Reads `ffmpeg -f dshow -list_options true -i video=NAME`. */
export function parseModes(lines: string[]): Mode[] {
  return mergeModes(lines.flatMap((line) => {
    const match =
      /(?:vcodec|pixel_format)=(\S+)\s+min s=(\d+)x(\d+) fps=([\d.]+) max s=(\d+)x(\d+) fps=([\d.]+)/
        .exec(line);
    if (match === null) return [];
    const [minWidth, minHeight, minFps, maxWidth, maxHeight, maxFps] = match.slice(2).map(Number);
    const fps = [...new Set([minFps, maxFps])].sort((a, b) => b - a);
    return sizesBetween([minWidth, minHeight], [maxWidth, maxHeight]).map(([width, height]) => ({
      format: match[1],
      width,
      height,
      fps,
      ...(fps.length > 1 ? { anyFps: true } : {}),
    }));
  }));
}
