/**
 * From a code to the number that the key exchange needs.
 *
 * @module
 */

import { scryptAsync } from "@noble/hashes/scrypt";
import { scalarOf } from "./spake2.ts";

/**
 * The number that stands for a code in {@linkcode scalarOf SPAKE2}, by scrypt (RFC 7914) as RFC 9382 section
 * 3.2 asks for: 16 MiB, and 0.1 s on a desktop computer.
 */
export async function passwordOf(code: string): Promise<bigint> {
  const options = { N: 2 ** 14, r: 8, p: 1, dkLen: 40 };
  return scalarOf(await scryptAsync(code, "camcat 1 pair", options));
}
