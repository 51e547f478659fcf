/**
 * The SOURCE argument: what it may be, and what it is called.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { UsageError } from "../base/errors.ts";
import { withoutSecrets } from "../base/secrets.ts";

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
      if (hasRawPassword(text.slice(scheme.length + 3))) {
        throw new UsageError(
          `Cannot use this ${scheme} URL: / ? # and blanks in its user name or password must be ` +
            "percent-encoded: write %2F for /, %3F for ?, %23 for # and %20 for a blank",
        );
      }
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

/**
 * Whether the part of a URL after `SCHEME://` seems to have a raw `/`, `?`, `#` or blank in its user
 * name or password. These end the authority (RFC 3986 section 3.2), and an `@` follows.
 */
function hasRawPassword(rest: string): boolean {
  const [authority] = /^[^/?#\s]*/.exec(rest)!;
  const after = rest.slice(authority.length);
  if (!after.includes("@")) return false;
  if (/[#\s].*@/.test(after)) return true; // no stream is chosen by a fragment
  if (authority.includes("@")) return /^[^?]*@/.test(after); // a query may hold a mail address
  const [isHost, port] = /^(?:\[[^\]]*\]|[^:[\]]*)(:\d{1,5})?$/.exec(authority) ?? [];
  return isHost === undefined || port !== undefined && after.startsWith("?");
}

/** A short name for messages and window titles. Passwords and the query of a URL are left out. */
export function sourceName(source: Source): string {
  switch (source.kind) {
    case "test":
      return "test";
    case "stdin":
      return "standard input";
    case "device":
      return withoutSecrets(source.name ?? source.path);
    case "screen":
      return source.number === undefined ? "screen" : `screen:${source.number}`;
    case "file":
      return withoutSecrets(source.path.replace(/^.*[/\\](?=.)/, ""));
    case "url":
      return withoutSecrets(source.url).replace(/[?#].*/, "");
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
