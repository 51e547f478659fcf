/**
 * Sealing what the sender gives to a receiver that knew the code.
 *
 * @module
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha";
import { hkdf } from "@noble/hashes/hkdf";
import { sha256 } from "@noble/hashes/sha2";

/** How much longer the sealed bytes are: the tag (RFC 8439 section 2.8). */
export const SEAL_BYTES = 16;

/** A seal is made once with its key, so that the nonce need not differ from anything. */
const NONCE = new Uint8Array(12);

/**
 * Encrypts and authenticates bytes with ChaCha20-Poly1305 (RFC 8439).
 *
 * @param key the one of an exchange, which depends on all that both ends have said; use it once
 */
export function seal(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return cipher(key).encrypt(bytes);
}

/** Opens a seal. @returns undefined if another key made it, or somebody has changed it */
export function unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return cipher(key).decrypt(sealed);
  } catch {
    return undefined;
  }
}

function cipher(key: Uint8Array) {
  const derived = hkdf(sha256, key, undefined, new TextEncoder().encode("camcat 1 pair"), 32);
  return chacha20poly1305(derived, NONCE);
}
