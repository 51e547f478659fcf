/**
 * Retention: which segments of a recording to delete.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import { parseBytes, parseDuration } from "../base/quantity.ts";

/** How much to keep: the newest segments up to a size, or up to an age. */
export type Retention = { bytes: number } | { ms: number };

/** A segment as its directory has it. */
export interface SegmentFile {
  /** The name of the file. */
  name: string;
  /** Its size in bytes. */
  bytes: number;
  /** When it was last written to, in milliseconds since the Unix epoch. */
  endMs: number;
}

/**
 * Parses how much to keep: `20GB`, `7d`.
 *
 * @throws {UsageError} if it is neither a size nor a time
 */
export function retention(text: string): Retention {
  for (const read of [() => ({ bytes: parseBytes(text) }), () => ({ ms: parseDuration(text) })]) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }
  throw new UsageError(`it must be a size such as 20GB or a time such as 7d, received "${text}"`);
}

/**
 * Chooses the segments to delete: the oldest first, and none that is being written.
 *
 * @param segments all segments
 * @param isOpen whether a segment of that name is being written
 * @param nowMs in milliseconds since the Unix epoch
 * @returns their names
 */
export function expired(
  segments: readonly SegmentFile[],
  kept: Retention,
  isOpen: (name: string) => boolean,
  nowMs: number,
): string[] {
  const oldestFirst = segments.filter(({ name }) => !isOpen(name))
    .sort((a, b) => a.endMs - b.endMs || (a.name < b.name ? -1 : 1));
  if ("ms" in kept) {
    return oldestFirst.filter(({ endMs }) => endMs < nowMs - kept.ms).map(({ name }) => name);
  }
  let excess = segments.reduce((sum, { bytes }) => sum + bytes, 0) - kept.bytes;
  return oldestFirst.filter(({ bytes }) => {
    const isExcess = excess > 0;
    if (isExcess) excess -= bytes;
    return isExcess;
  }).map(({ name }) => name);
}
