/**
 * Boxes of MP4 files (ISO/IEC 14496-12).
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "../jpeg/frame.ts";
import { ascii, u32 } from "../sound/big_endian.ts";

/** Fixed-point 1, in matrices and rates. */
export const ONE = 0x10000;
/** The unity matrix: no transformation (section 8.2.2.2). */
export const MATRIX: Bytes = u32(ONE, 0, 0, 0, ONE, 0, 0, 0, 0x40000000);
/** Numbers of the tracks. */
export const [VIDEO_TRACK, SOUND_TRACK] = [1, 2];
/** Ticks of the times of the pictures, and of the whole file. */
export const TICKS_PER_MS = 90;
/** Ticks of the times of the sound. */
export const SOUND_TICKS_PER_MS = 48;

/** A box (section 4.2). */
export function box(type: string, ...content: Uint8Array[]): Bytes {
  const bytes = concat(content);
  return concat([u32(8 + bytes.length), ascii(type), bytes]);
}

/** A box with version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: Uint8Array[]
): Bytes {
  return box(type, u32(version * 2 ** 24 + flags), ...content);
}
