/**
 * What a player is fed with, and how it is told.
 *
 * @module
 */

import { MAX_PIXELS } from "../jpeg/frame.ts";
import { MPJPEG_INPUT, partHeader } from "../jpeg/mpjpeg.ts";
import type { Size } from "../base/size.ts";

/** The players that camcat knows. */
export const PLAYERS = ["ffplay", "mpv"] as const;

/** One of {@linkcode PLAYERS}. */
export type PlayerName = typeof PLAYERS[number];

/** A kind of pictures, as bytes one after another. */
export interface PlayerInput {
  /** What tells a player about it. */
  args: Record<PlayerName, string[]>;
  /** Bytes that a player reads and that change nothing, given the picture written `last`. */
  filler: (last: Uint8Array) => Uint8Array;
}

/**
 * JPEGs, each written as {@linkcode partOf} gives it.
 *
 * They are a multipart stream with lengths (RFC 2046, ffmpeg's `mpjpeg`): with
 * raw JPEGs the reader could tell the end of one only by the start of the next,
 * and would show everything a frame late.
 */
export const JPEG_PARTS: PlayerInput = {
  args: {
    ffplay: [...MPJPEG_INPUT],
    mpv: [
      "--demuxer=lavf",
      "--demuxer-lavf-format=mpjpeg",
      `--vd-lavc-o=max_pixels=${MAX_PIXELS}`,
    ],
  },
  filler: () => partHeader(0), // a part that shows nothing
};

/** Pictures of one size as plain bytes, ffmpeg's `yuv420p`: a plane of luma, and two of chroma. */
export function rawPictures({ width, height }: Required<Size>): PlayerInput {
  const format = "yuv420p";
  return {
    args: {
      ffplay: ["-f", "rawvideo", "-pixel_format", format, "-video_size", `${width}x${height}`],
      mpv: [
        "--demuxer=rawvideo",
        `--demuxer-rawvideo-mp-format=${format}`,
        `--demuxer-rawvideo-w=${width}`,
        `--demuxer-rawvideo-h=${height}`,
        "--stream-buffer-size=1MiB", // of the 4 KiB of low latency a picture would take hundreds
      ],
    },
    filler: (last) => last, // anything but whole pictures would shift all that follow
  };
}
