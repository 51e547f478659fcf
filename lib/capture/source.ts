/**
 * The SOURCE argument: what it may be, and what it is called.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { UsageError } from "../base/errors.ts";

/** Where pictures come from. */
export type Source =
  /** The built-in moving picture. */
  | { kind: "test" }
  /** JPEGs on standard input. */
  | { kind: "stdin" }
  /** A camera: what ffmpeg opens, and its own name where that is known. */
  | { kind: "device"; path: string; name?: string }
  /** A screen of this machine, counted from 0; undefined for the first. */
  | { kind: "screen"; number?: number }
  /** A file, played at its own pace. */
  | { kind: "file"; path: string }
  /** Anything else that ffmpeg can open. */
  | { kind: "url"; url: string };

/**
 * ffmpeg's protocols that fetch a stream from a network (ffmpeg-protocols manual). Others read
 * local files in ways of their own, or join several.
 */
// deno-fmt-ignore
const NETWORK_SCHEMES = new Set([
  "http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtmpt", "rtmpe", "rtmpte", "rtmpts", "rtp",
  "srtp", "srt", "rist", "udp", "udplite", "tcp", "tls", "ftp", "sftp", "mmsh", "mmst", "gopher",
  "gophers", "amqp", "zmq", "ipfs", "ipns", "sctp",
]);

/** Names of pictures that ffmpeg's image2 demuxer takes for a numbered series, though the file exists. */
const SERIES =
  /%(0?\d*d|[*?[{]).*\.(avif|bmp|dds|dpx|exr|gif|hdr|j2c|j2k|jls|jp2|jpe|jpe?g|jxl|ljpg|p[abgpf]m|pcx|pfm|pgx|png|psd|qoi|ras|sgi|sun|svg|tga|tiff?|webp|x[bpw][md])$/i;

/**
 * Parses a SOURCE argument.
 *
 * @throws {UsageError} if it is empty, or ffmpeg would read something other than it names
 */
export function parseSource(text: string): Source {
  if (text === "") {
    throw new UsageError(
      "Cannot use an empty SOURCE: it must be a camera, a file, a URL, - or test",
    );
  }
  if (text === "test") return { kind: "test" };
  if (text === "-") return { kind: "stdin" };
  const screen = /^screen(?::(\d{1,2}))?$/.exec(text);
  if (screen !== null) {
    return { kind: "screen", ...(screen[1] === undefined ? {} : { number: Number(screen[1]) }) };
  }
  if (text.startsWith("/dev/")) return { kind: "device", path: text };
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme !== undefined) {
    if (NETWORK_SCHEMES.has(scheme.toLowerCase())) {
      checkPassword(text);
      // ffmpeg knows its protocols in lower case only.
      return { kind: "url", url: scheme.toLowerCase() + text.slice(scheme.length) };
    }
    throw new UsageError(
      `Cannot use a SOURCE that begins with ${scheme}://: it must be a file, or a URL that begins ` +
        "with rtsp://, http://, rtmp://, srt:// or another protocol of networks",
    );
  }
  if (SERIES.test(text)) {
    throw new UsageError(
      `Cannot open ${text}: ffmpeg would take the % in its name for a numbered series of files. ` +
        "Rename the file",
    );
  }
  return { kind: "file", path: text };
}

/** A short name for messages and window titles, without the password and query of a URL. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case "test":
      return "test";
    case "stdin":
      return "standard input";
    case "device":
      return source.name ?? source.path;
    case "screen":
      return source.number === undefined ? "screen" : `screen:${source.number}`;
    case "file":
      return source.path.replace(/^.*[/\\](?=.)/, "");
    case "url":
      return source.url.replace(/^([^:]+:\/\/)[^/?#]*@/, "$1").replace(/[?#].*/, "");
  }
}

/** A line that ffmpeg wrote about a source, without the password and query of its URL. */
export function hideSecrets(line: string, source: Source): string {
  if (source.kind !== "url") return line;
  return line.replaceAll(source.url, sourceName(source)).replace(/(\w:\/\/)[^\s/]*@/g, "$1");
}

/** Whether a source is a named pipe, which can be read only once. */
export function isPipe(source: Source): boolean {
  try {
    return source.kind === "file" && Deno.statSync(source.path).isFifo === true;
  } catch {
    return false; // ffmpeg finds out why
  }
}

/**
 * Refuses a URL whose password would be taken for a host or a path.
 *
 * @throws {UsageError} without the password in its message
 */
function checkPassword(url: string): void {
  const [, authority, rest] = /^[^:]+:\/\/([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (/@/.test(authority) || /^(\[.*\]|[^:]*)(:\d*)?$/.test(authority) || !rest.includes("@")) {
    return;
  }
  throw new UsageError(
    "Cannot use this URL: its password holds /, ? or #. " +
      "Write these as %2F, %3F and %23 (percent-encoding)",
  );
}

/** Pixels of the longest side of a picture. */
const MAX_SIDE = 8192;

/**
 * Reads `1280x720`, `x720` or `1280x`.
 *
 * @throws {UsageError} if it is none of these
 */
export function parseSize(text: string): Size {
  const match = /^(\d{1,5})?x(\d{1,5})?$/.exec(text);
  const width = Number(match?.[1] ?? NaN);
  const height = Number(match?.[2] ?? NaN);
  if (
    match === null || (isNaN(width) && isNaN(height)) ||
    [width, height].some((side) => side < 16 || side > MAX_SIDE)
  ) {
    throw new UsageError(
      `it must be like 1280x720 or x720, from 16 to ${MAX_SIDE}, received "${text}"`,
    );
  }
  return {
    ...(isNaN(width) ? {} : { width }),
    ...(isNaN(height) ? {} : { height }),
  };
}
