/**
 * The text form of a key (bech32m, BIP 350).
 *
 * @module
 */

import { bech32m } from "@scure/base";

/** Characters of the text form: 26 for 128 bits, 6 for the checksum. */
export const KEY_CHARACTERS = 32;
/** The human-readable part of bech32m. It goes into the checksum, but not into the text form. */
const PREFIX = "camcat";

/** The characters of a written key: in lower case, without hyphens and spaces, look-alikes replaced. */
export function keyCharacters(text: string): string {
  return text.toLowerCase().replace(/[\s-]/g, "")
    .replaceAll("o", "0").replace(/[1i]/g, "l"); // characters that no key has
}

/**
 * Decodes the characters of a key.
 *
 * @returns undefined if the checksum is wrong
 */
export function decodeKey(characters: string): Uint8Array | undefined {
  // The errors of the throwing variant would repeat the key.
  const decoded = bech32m.decodeUnsafe(`${PREFIX}1${characters}`);
  return decoded && bech32m.fromWordsUnsafe(decoded.words) || undefined;
}

/** Whether the checksum of the 32 characters from `start` on is that of a key. */
export function hasKeyChecksum(characters: string, start = 0): boolean {
  let state = PREFIX_STATE;
  for (let at = start; at < start + KEY_CHARACTERS; at++) {
    const value = ALPHABET.indexOf(characters[at]);
    if (value < 0) return false;
    state = nextState(state, value);
  }
  return state === BECH32M;
}

/** The checksum's polynomial division, one step (BIP 173, "Checksum"). */
function nextState(state: number, value: number): number {
  const top = state >>> 25;
  let next = (state & 0x1ffffff) << 5 ^ value;
  for (const [bit, generator] of GENERATORS.entries()) if (top >>> bit & 1) next ^= generator;
  return next;
}

/** The remainder of the division for a valid text (BIP 350). */
const BECH32M = 0x2bc830a3;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX_STATE = [
  ...[...PREFIX].map((character) => character.charCodeAt(0) >>> 5),
  0,
  ...[...PREFIX].map((character) => character.charCodeAt(0) & 31),
].reduce(nextState, 1);

/** Writes a key: eight groups of four characters. */
export function encodeKey(bytes: Uint8Array): string {
  const written = bech32m.encode(PREFIX, bech32m.toWords(bytes));
  return written.slice(PREFIX.length + 1).replace(/.{4}(?=.)/g, "$&-");
}
