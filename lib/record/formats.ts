/**
 * The container formats of recordings: the one table to add a format to.
 *
 * @module
 */

import { type Extension, EXTENSIONS } from "./extensions.ts";
import type { Container, Patch } from "./container.ts";
import { Matroska, SIMPLE_BLOCK_HEADER_BYTES } from "./matroska.ts";
import { Mp4 } from "./mp4.ts";
import type { Chunk } from "./chunk.ts";
import type { Bytes } from "../jpeg/frame.ts";

const NOTHING: Bytes = new Uint8Array();

/** JPEGs one after another, without a container and without times. */
class PlainMjpeg implements Container {
  header(): Bytes {
    return NOTHING;
  }

  encode({ bytes }: Chunk): Bytes[] {
    return [bytes];
  }

  written(): void {}

  index(): Bytes {
    return NOTHING;
  }

  patches(): Patch[] {
    return [];
  }
}

/** A file format. */
export interface Format {
  /** The extension of its files, with the dot. */
  extension: Extension;
  /** Bytes kept before each picture in a chunk. */
  room: number;
  /** Whether it can hold sound. */
  hasSound: boolean;
  /** Creates the container of a new file. */
  create: () => Container;
}

/** Keeps times to the millisecond, and plays nearly everywhere: the format of segments. */
export const MATROSKA: Format = {
  extension: ".mkv",
  room: SIMPLE_BLOCK_HEADER_BYTES,
  hasSound: true,
  create: () => new Matroska(),
};

const FORMATS: Record<Extension, Format> = {
  ".mkv": MATROSKA,
  ".mp4": { extension: ".mp4", room: 0, hasSound: true, create: () => new Mp4() },
  ".mjpeg": { extension: ".mjpeg", room: 0, hasSound: false, create: () => new PlainMjpeg() },
};

/** The format that a file's name asks for, if there is one. */
export function formatOf(path: string): Format | undefined {
  const extension = EXTENSIONS.find((extension) => path.toLowerCase().endsWith(extension));
  return extension && FORMATS[extension];
}
