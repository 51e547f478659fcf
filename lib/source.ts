/**
 * What the user wants to see.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

/** Where pictures come from. */
export type Source =
  /** The built-in moving picture. */
  | { kind: "test" }
  /** JPEGs on standard input. */
  | { kind: "stdin" }
  /** A camera, by what ffmpeg opens, and by what it calls itself where that is known. */
  | { kind: "device"; path: string; name?: string }
  /** A screen of this machine, counted from 0; undefined for the first. */
  | { kind: "screen"; number?: number }
  /** A file, played at its own pace. */
  | { kind: "file"; path: string }
  /** Anything else that ffmpeg can open. */
  | { kind: "url"; url: string };

/**
 * Tells what a SOURCE argument means.
 *
 * @throws {UsageError} if it is empty
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
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: "url", url: text };
  return { kind: "file", path: text };
}

/** A short name for messages and window titles; passwords in a URL are left out. */
export function nameOf(source: Source): string {
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
      return source.url.replace(/^([^:]+:\/\/)[^/?#]*@/, "$1").replace(
        /\?.*/,
        "",
      );
  }
}

/** A wished-for picture size in pixels; one of the two may be left to the aspect ratio. */
export interface Size {
  /** @default the aspect ratio's */
  width?: number;
  /** @default the aspect ratio's */
  height?: number;
}

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
    match === null || (isNaN(width) && isNaN(height)) || width < 16 ||
    height < 16
  ) {
    throw new UsageError(
      `Cannot use this size: it must be like 1280x720 or x720, at least 16, received "${text}"`,
    );
  }
  return {
    ...(isNaN(width) ? {} : { width }),
    ...(isNaN(height) ? {} : { height }),
  };
}
