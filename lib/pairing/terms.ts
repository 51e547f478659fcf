/**
 * What both ends of a pairing agree on beforehand.
 *
 * @module
 */

import type { Spake2Options } from "./spake2.ts";

/** What is given: the key, or the token that takes its place over HTTP. */
export type Wanted = "key" | "token";

/** Names the ends and what is given. An exchange fails if the other end understands another thing. */
export function pairingOptions(wanted: Wanted): Spake2Options {
  return { a: "camcat viewer", b: "camcat sender", additional: `camcat 1 pair ${wanted}` };
}

/** Compares in a time that depends on the lengths only. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ b[index];
  return difference === 0;
}
