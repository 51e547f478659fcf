/**
 * JPEGs as a multipart stream with lengths, ffmpeg's `mpjpeg` (RFC 2046).
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { type Frame, MAX_PIXELS } from "./frame.ts";

const ASCII = new TextEncoder();

/** The options for ffmpeg and ffplay to read it, with pictures of at most `maxPixels` pixels. */
export function mpjpegInput(maxPixels = MAX_PIXELS): string[] {
  return ["-f", "mpjpeg", "-max_pixels", `${maxPixels}`];
}

/** A frame as a part of a multipart stream (ffmpeg's `mpjpeg`). The header room of the frame is used. */
export function partOf(frame: Frame): Uint8Array {
  return frame.withHeader(partHeader(frame.jpeg.length));
}

/** The same as a copy, for frames whose header room others use: those of a hub. */
export function copiedPartOf({ jpeg }: Frame): Uint8Array {
  return concat([partHeader(jpeg.length), jpeg]);
}

/** The header of a part; of 0 bytes it shows nothing. */
export function partHeader(bytes: number): Uint8Array {
  return ASCII.encode(
    `--camcat\r\nContent-type: image/jpeg\r\nContent-length: ${bytes}\r\n\r\n`,
  );
}
