/**
 * Parses the lists of v4l2-ctl and ffmpeg about cameras on Linux.
 *
 * @module
 */

import type { Mode } from "./mode.ts";
import { mergeModes, sizesBetween } from "./mode_merging.ts";

/** A node `/dev/videoN`. */
export interface Node {
  /** The driver's name for it; undefined where the list has none. */
  name?: string;
  /** The modes it offers; empty if it gives no pictures, such as a webcam's metadata node. */
  modes: Mode[];
}

/**
 * ffmpeg's names of V4L2 formats (libavdevice/v4l2-common.c). ffmpeg cannot read other formats, so
 * they are not listed.
 */
const FORMATS: Record<string, string> = {
  MJPG: "mjpeg",
  JPEG: "mjpeg",
  H264: "h264",
  HEVC: "hevc",
  MPG4: "mpeg4",
  VP80: "vp8",
  VP90: "vp9",
  CPIA: "cpia",
  YUYV: "yuyv422",
  UYVY: "uyvy422",
  NV12: "nv12",
  YU12: "yuv420p",
  YV12: "yuv420p",
  "422P": "yuv422p",
  "411P": "yuv411p",
  YUV9: "yuv410p",
  RGB3: "rgb24",
  BGR3: "bgr24",
  RGB4: "0rgb",
  BGR4: "bgr0",
  RGBO: "rgb555le",
  RGBP: "rgb565le",
  GREY: "gray",
  "Y16 ": "gray16le",
  BA81: "bayer_bggr8",
  GBRG: "bayer_gbrg8",
  GRBG: "bayer_grbg8",
  RGGB: "bayer_rggb8",
};

/** Reads `v4l2-ctl --info --list-formats-ext`. */
export function parseNode(text: string): Node {
  const name = /^\s*Card type\s*: (.*)$/m.exec(text)?.[1].trim();
  // A codec or scaler has formats too, but needs pictures as input.
  const caps = /^\s*Device Caps\s*: .*\n((?:\t\t.*\n)*)/m.exec(text)?.[1] ?? "";
  const isCamera = /^\s*Video Capture$/m.test(caps);
  const modes: Mode[] = [];
  let format: string | undefined;
  let latest: Mode[] = [];
  for (const line of isCamera ? text.split("\n") : []) {
    const [, code] = /^\s*\[\d+\]: '(.{4})'/.exec(line) ?? [];
    if (code !== undefined) format = FORMATS[code];
    const size = /Size: \w+ (\d+)x(\d+)(?: - (\d+)x(\d+)(?: with step (\d+)\/(\d+))?)?/.exec(line);
    if (size !== null) {
      const [w, h, maxW = w, maxH = h, stepX = 1, stepY = 1] = size.slice(1)
        .map((digits) => digits === undefined ? undefined : Number(digits)) as number[];
      latest = sizesBetween([w, h], [maxW, maxH], [stepX || 1, stepY || 1])
        .flatMap(([width, height]) =>
          format === undefined ? [] : { format, width, height, fps: [] }
        );
      modes.push(...latest);
    }
    const rate = /Interval: .*\(([\d.]+)(?:-([\d.]+))? fps\)/.exec(line);
    if (rate !== null) {
      for (const mode of latest) {
        mode.fps.push(Number(rate[1]), ...(rate[2] === undefined ? [] : [Number(rate[2])]));
        if (rate[2] !== undefined) mode.anyFps = true;
      }
    }
  }
  return { ...(name === undefined ? {} : { name }), modes: mergeModes(modes) };
}

/** Reads `ffmpeg -f v4l2 -list_formats all -i DEVICE`: it has no rates. */
export function parseFormats(lines: string[]): Mode[] {
  return mergeModes(lines.flatMap((line) => {
    const match = /\] (?:Raw|Compressed)\s*:\s*(\S+) : .* :((?: \d+x\d+)+| \{.*\})\s*$/
      .exec(line);
    if (match === null || match[1] === "Unsupported") return [];
    const [, format, sizes] = match;
    const range = /\{(\d+)-(\d+), (\d+)\}x\{(\d+)-(\d+), (\d+)\}/.exec(sizes)?.slice(1).map(Number);
    const pairs = range === undefined
      ? sizes.trim().split(" ").map((size) => size.split("x").map(Number))
      : sizesBetween(
        [range[0], range[3]],
        [range[1], range[4]],
        [range[2] || 1, range[5] || 1],
      );
    return pairs.map(([width, height]) => ({ format, width, height, fps: [] }));
  }));
}

/** Reads `ffmpeg -sources v4l2`: names by paths, metadata nodes included. */
export function parseSources(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/^[* ] (\/dev\/\S+) \[(.*)\](?: \(.*\))?\s*$/gm)]
      .map(([, path, name]) => [path, name]),
  );
}
