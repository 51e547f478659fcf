/**
 * Elements of EBML, the binary format below Matroska (RFC 8794).
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { u64, u8 } from "./big_endian.ts";
import type { Bytes } from "../jpeg/frame.ts";

const UTF8 = new TextEncoder();
const VOID = 0xec;

/** The size of an element that has not ended yet (RFC 8794 section 6.2), in 8 bytes. */
export const UNKNOWN_SIZE: Bytes = u8(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);

/** An element ID, its marker included (RFC 8794 section 5): as many bytes as it needs. */
export function id(value: number): Bytes {
  const bytes = u64(value);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

/** A size in `length` bytes, 1 to 8 (RFC 8794 section 4): up to 7 bits of each byte. */
export function size(value: number, length: number): Bytes {
  const bytes = u64(value).subarray(8 - length);
  bytes[0] |= 1 << 8 - length;
  return bytes;
}

/** An element of other elements or of bytes. */
export function element(elementId: number, ...content: Uint8Array[]): Bytes {
  const bytes = concat(content);
  // All ones would mean that the size is unknown.
  const length = bytes.length < 0x7f ? 1 : 4;
  return concat([id(elementId), size(bytes.length, length), bytes]);
}

/** An element of an unsigned integer, always in 8 bytes. */
export function integer(elementId: number, value: number): Bytes {
  return element(elementId, u64(value));
}

/** An element of a floating-point number in 8 bytes. */
export function float(elementId: number, value: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return element(elementId, bytes);
}

/** An element of text. */
export function text(elementId: number, value: string): Bytes {
  return element(elementId, UTF8.encode(value));
}

/** A Void element of 2 to 128 bytes, which can be replaced later. */
export function space(bytes: number): Bytes {
  return element(VOID, new Uint8Array(bytes - 2));
}
