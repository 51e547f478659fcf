/**
 * Bytes as text (RFC 4648 section 4), also in browsers that have no `Uint8Array.fromBase64` yet.
 *
 * @module
 */

/** Writes bytes. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/**
 * Reads bytes.
 *
 * @throws {DOMException} if it is not base64
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
