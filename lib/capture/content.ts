/**
 * What the first bytes of a source say about the rest.
 *
 * @module
 */

import { Marker } from "../jpeg/markers.ts";
import type { StreamFacts } from "./stream_report.ts";

/**
 * `pictures`: JPEGs, with whatever between them; `stream`: video that ffmpeg can read as it comes;
 * `file`: a file or playlist, which ffmpeg opens by its URL, because it seeks in it.
 */
export type Content = "pictures" | "stream" | "file";

/** What a server said of a body. */
export interface BodyHeaders {
  /** The media type, in lower case and without parameters; empty if there is none. */
  type: string;
  /** Bytes of the body; undefined if the server did not say. */
  length: number | undefined;
  /** Whether it is the answer to an HTTP request, so that it can be asked for again. */
  isHttp: boolean;
}

/** Bytes that are looked at before JPEGs are given up. */
export const MAX_SNIFFED_BYTES = 64 * 1024;

/** First bytes of single pictures, in hexadecimal: PNG, BMP, TIFF, WebP. */
const IMAGES = /^(89504e47|424d........0000|49492a00|4d4d002a|52494646........57454250)/;
/** First bytes of other formats that ffmpeg reads as they come: MPEG-TS, FLV, Matroska, Ogg, H.26x. */
const STREAMS = /^(47.{374}47|464c5601|1a45dfa3|4f676753|000001|00000001)/;
/** First bytes of files and playlists: MP4, HLS, DASH, AVI, GIF. */
const FILES =
  /^(.{8}(66747970|6d6f6f76|6d646174|66726565|77696465)|234558544d3355|3c|52494646|47494638)/;

/** Bytes of a video file that say what is in it: Matroska and AVI begin with a list of streams. */
const HEADER_BYTES = 4096;
/** First bytes of Matroska, of AVI, and of MP4 and QuickTime. */
const VIDEO_FILES = /^(1a45dfa3|52494646.{8}41564920|.{8}66747970)/;

/**
 * What ffmpeg will most likely report of a file. ffmpeg has to start again where that was wrong, so
 * a guess that is right saves a tenth of a second and more.
 *
 * @returns undefined if the file is no video, or cannot be read
 */
export async function likelyFacts(path: string): Promise<StreamFacts | undefined> {
  const header = new Uint8Array(HEADER_BYTES);
  try {
    if (!(await Deno.stat(path)).isFile) return undefined; // nobody could read it again
    using file = await Deno.open(path);
    await file.read(header);
  } catch {
    return undefined; // ffmpeg finds out why
  }
  if (!VIDEO_FILES.test(header.subarray(0, 12).toHex())) return undefined;
  const isMjpeg = /V_MJPEG|vidsMJPG/i.test(new TextDecoder("latin1").decode(header));
  return { container: "", codec: isMjpeg ? "mjpeg" : "", seconds: Infinity, isAttached: false };
}

/**
 * Decides by the first bytes, and by the media type where these leave it open.
 *
 * @param isAll whether no more bytes will come, or enough have come
 * @returns undefined if more bytes are needed
 */
export function contentOf(
  bytes: Uint8Array,
  { type, length, isHttp }: BodyHeaders,
  isAll: boolean,
): Content | undefined {
  const start = bytes.subarray(0, 200).toHex();
  const soi = findPicture(bytes);
  const other = isHttp && length !== undefined ? "file" : "stream";
  if (soi === 0 || soi > 0 && isText(bytes.subarray(0, soi))) return "pictures";
  if (IMAGES.test(start)) return "stream";
  if (FILES.test(start)) return isHttp ? "file" : "stream";
  if (STREAMS.test(start)) return other;
  if (/^(multipart\/|image\/jpe?g|video\/(x-)?(motion-)?m?jpe?g)/.test(type)) return "pictures";
  if (soi > 0) return "pictures"; // joined in the middle of one
  return isAll ? other : undefined;
}

/** The index of SOI and of a marker that can follow it; -1 if there is none. */
function findPicture(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const [second, third, code] = bytes.subarray(at + 1, at + 4);
    if (second !== Marker.SOI || third !== 0xff) continue;
    if (code >= Marker.APP0 && code <= Marker.APP0 + 15 || code === Marker.COM) return at;
    if (code >= Marker.SOF0 && code <= Marker.DQT + 2 && code !== Marker.SOI) return at;
  }
  return -1;
}

/** Whether there are only printable characters and line ends, as in the headers of a part. */
function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) =>
    byte >= 0x20 && byte < 0x7f || /[\r\n\t]/.test(String.fromCharCode(byte))
  );
}
