/**
 * The input formats of players, and the options that announce them.
 *
 * @module
 */

import { MAX_PIXELS } from "../jpeg/frame.ts";
import { mpjpegInput, partHeader } from "../jpeg/mpjpeg.ts";
import type { Size } from "../base/size.ts";

/** The players that camcat knows. */
export const PLAYERS = ["ffplay", "mpv"] as const;

/** One of {@linkcode PLAYERS}. */
export type PlayerName = typeof PLAYERS[number];

/** A format of pictures as a stream of bytes. */
export interface PlayerInput {
  /** The options that announce the format to a player. */
  args: Record<PlayerName, string[]>;
  /** Bytes that change nothing on the screen; `last` is the picture written last. */
  filler: (last: Uint8Array) => Uint8Array;
}

/**
 * JPEGs, each written as {@linkcode partOf} returns it.
 *
 * This is a multipart stream with lengths (RFC 2046, ffmpeg's `mpjpeg`). In a stream of raw JPEGs
 * the reader sees the end of one only at the start of the next, and shows each a frame late.
 *
 * @param maxPixels the largest picture to show, in pixels
 */
export function jpegParts(maxPixels = MAX_PIXELS): PlayerInput {
  return {
    args: {
      ffplay: mpjpegInput(maxPixels),
      mpv: [
        "--demuxer=lavf",
        "--demuxer-lavf-format=mpjpeg",
        `--vd-lavc-o=max_pixels=${maxPixels}`,
      ],
    },
    filler: () => partHeader(0), // a part that shows nothing
  };
}

/** Raw pictures of one size in ffmpeg's `yuv420p`: a plane of luma, and two of chroma. */
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
        "--stream-buffer-size=1MiB", // the low-latency profile has 4 KiB: hundreds a picture
      ],
    },
    filler: (last) => last, // anything else than whole pictures would shift all that follow
  };
}
