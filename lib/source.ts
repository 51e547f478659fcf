/**
 * What the user wants to see.
 *
 * @module
 */

import { CamcatError, UsageError } from "./errors.ts";

/** Where pictures come from. */
export type Source =
  /** The built-in moving picture. */
  | { kind: "test" }
  /** JPEGs on standard input. */
  | { kind: "stdin" }
  /** A camera, by its device path (Linux) or its name (elsewhere). */
  | { kind: "device"; path: string }
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
      return source.path;
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

/**
 * The first camera of this machine.
 *
 * @throws {CamcatError} if there is none
 */
export function firstCamera(): Source {
  if (Deno.build.os === "darwin") return { kind: "device", path: "default" };
  if (Deno.build.os === "linux") {
    const numbers = [...Deno.readDirSync("/dev")]
      .flatMap(({ name }) => /^video(\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    const number = numbers.find(isPictureNode);
    if (number !== undefined) {
      return { kind: "device", path: `/dev/video${number}` };
    }
  }
  throw new CamcatError(
    Deno.build.os === "windows"
      ? "Cannot choose a camera on Windows yet: name a file or a URL as SOURCE, or try `sender test`"
      : "Cannot find a camera: plug one in, name another SOURCE, or try `sender test` for a built-in picture",
  );
}

/** A webcam has a second node, for metadata, which the kernel numbers 1 within the device. */
function isPictureNode(number: number): boolean {
  try {
    return Deno.readTextFileSync(`/sys/class/video4linux/video${number}/index`)
      .trim() === "0";
  } catch {
    return true; // no sysfs, as in some containers
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
