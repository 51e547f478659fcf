/**
 * Writing DER (ITU-T X.690), as far as certificates need it.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "../jpeg/frame.ts";

/** Tags (ITU-T X.690 section 8). */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OBJECT_IDENTIFIER: 0x06,
  UTF8_STRING: 0x0c,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** The tag of a field with a number in place of a type. */
export function context(number: number, isConstructed: boolean): number {
  return 0x80 | (isConstructed ? 0x20 : 0) | number;
}

/** A value: its tag, its length, and its content. */
export function der(tag: number, ...content: Uint8Array[]): Bytes {
  const bytes = concat(content);
  return concat([Uint8Array.of(tag, ...lengthOf(bytes.length)), bytes]);
}

/** The length of a content: one byte below 128, else the number of bytes before them. */
function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

/** A SEQUENCE. */
export function sequence(...fields: Uint8Array[]): Bytes {
  return der(Tag.SEQUENCE, ...fields);
}

/** An OBJECT IDENTIFIER in dotted decimal. */
export function oid(text: string): Bytes {
  const [first, second, ...rest] = text.split(".").map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((number) => {
    const groups = [number & 0x7f];
    for (let more = number >> 7; more > 0; more >>= 7) groups.unshift(0x80 | more & 0x7f);
    return groups;
  });
  return der(Tag.OBJECT_IDENTIFIER, Uint8Array.from(bytes));
}

/** A non-negative INTEGER from its bytes, the highest first: without zeros before it, and a sign. */
export function integer(bytes: Uint8Array): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const sign = bytes[start] >= 0x80 ? Uint8Array.of(0) : new Uint8Array();
  return der(Tag.INTEGER, sign, bytes.subarray(start));
}

/** A BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Bytes {
  return der(Tag.BIT_STRING, Uint8Array.of(0), bytes);
}

/** A text of characters of UTF-8. */
export function utf8String(text: string): Bytes {
  return der(Tag.UTF8_STRING, new TextEncoder().encode(text));
}

/** A time, to the second. */
export function time(ms: number): Bytes {
  const text = new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, "");
  return der(Tag.GENERALIZED_TIME, new TextEncoder().encode(text));
}
