/**
 * How ffmpeg opens a camera of this machine.
 *
 * @module
 */

import { DEFAULT_FPS, DEFAULT_SIZE, type SelectedMode } from "../camera/mode.ts";
import { isExactSize, type Picture } from "./picture.ts";
import type { Recipe } from "./ffmpeg_args.ts";

/** Captures from a camera in one of the modes that it offers. */
export function modeRecipe(
  path: string,
  { format, width, height, fps }: SelectedMode,
  picture: Picture,
  os = Deno.build.os,
): Recipe {
  const mode = ["-video_size", `${width}x${height}`, "-framerate", `${fps}`];
  switch (os) {
    case "darwin": // gives decoded pictures only
      return { input: ["-f", "avfoundation", ...mode, "-i", `${path}:none`], copy: false };
    case "windows": {
      const kind = /^(mjpeg|h264|hevc)$/.test(format) ? "-vcodec" : "-pixel_format";
      const input = ["-f", "dshow", kind, format, ...mode, "-i", `video=${path}`];
      return { input, copy: format === "mjpeg" && picture.quality === undefined };
    }
    default: {
      const input = ["-f", "v4l2", ...mode, "-input_format", format, "-i", path];
      return { input, copy: format === "mjpeg" && picture.quality === undefined };
    }
  }
}

/**
 * The ways to capture from a camera whose modes are unknown, best first; one fails if the
 * camera cannot.
 */
export function cameraRecipes(
  path: string,
  picture: Picture,
  os = Deno.build.os,
): Recipe[] {
  const size = picture.size ?? DEFAULT_SIZE;
  const mode = [
    ...(size.width && size.height ? ["-video_size", `${size.width}x${size.height}`] : []),
    "-framerate",
    `${picture.fps ?? DEFAULT_FPS}`,
  ];
  // JPEGs of the camera pass untouched if nothing else is asked of them.
  const copy = picture.quality === undefined && isExactSize(picture.size);
  switch (os) {
    case "darwin":
      return [{ input: ["-f", "avfoundation", ...mode, "-i", `${path}:none`], copy: false }];
    case "windows":
      return [
        { input: ["-f", "dshow", "-vcodec", "mjpeg", ...mode, "-i", `video=${path}`], copy },
        { input: ["-f", "dshow", ...mode, "-i", `video=${path}`], copy: false },
      ];
    default: {
      const v4l2 = ["-f", "v4l2", ...mode];
      return [
        { input: [...v4l2, "-input_format", "mjpeg", "-i", path], copy },
        { input: [...v4l2, "-i", path], copy: false },
      ];
    }
  }
}
