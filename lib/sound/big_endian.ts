/**
 * Unsigned integers in big-endian byte order, and ASCII text, as bytes of a file.
 *
 * @module
 */

import type { Bytes } from "../jpeg/frame.ts";

/** Numbers of one byte. */
export function u8(...values: number[]): Bytes {
  return Uint8Array.from(values);
}

/** Numbers of two bytes. */
export function u16(...values: number[]): Bytes {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  values.forEach((value, index) => view.setUint16(2 * index, value));
  return new Uint8Array(view.buffer);
}

/** Numbers of four bytes. */
export function u32(...values: number[]): Bytes {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, index) => view.setUint32(4 * index, value));
  return new Uint8Array(view.buffer);
}

/** Numbers of eight bytes, up to 2^53. */
export function u64(...values: number[]): Bytes {
  return u32(...values.flatMap((value) => [Math.floor(value / 2 ** 32), value % 2 ** 32]));
}

/** ASCII text. */
export function ascii(text: string): Bytes {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
