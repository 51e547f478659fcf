/**
 * Derives the token, which the page shows to the sender, from the key that the user typed.
 *
 * This file has its own SHA-256, because browsers offer `crypto.subtle` only to pages loaded over
 * https or from the same machine. `lib/security/key.ts` and `lib/security/identity.ts` do the same
 * at the sender; a test compares the results.
 *
 * @module
 */

/** What bech32m puts before the data and into the checksum (BIP 350). */
const PREFIX = "camcat";
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const KEY_CHARACTERS = 32;
const CHECKSUM_CHARACTERS = 6;

/**
 * Reads a key as text; hyphens, spaces and case do not matter.
 *
 * @param {string} text
 * @returns {Uint8Array} its 16 bytes
 * @throws {Error} with a sentence for the user, if it is not a key
 */
export function parseKey(text) {
  const characters = text.toLowerCase().replace(/[\s-]/g, "")
    // These characters are in no key; the user means the ones they look like.
    .replaceAll("o", "0").replace(/[1i]/g, "l");
  if (characters.length !== KEY_CHARACTERS) {
    throw new Error(
      `A key has ${KEY_CHARACTERS} letters and digits, this has ${characters.length}. Copy it again.`,
    );
  }
  const words = Array.from(characters, (character) => ALPHABET.indexOf(character));
  if (words.includes(-1) || checksum([...expandedPrefix(), ...words]) !== 0x2bc830a3) {
    throw new Error("There is a typing error in the key. Compare it with the original.");
  }
  let [bits, bitCount] = [0, 0];
  const bytes = [];
  for (const word of words.slice(0, -CHECKSUM_CHARACTERS)) {
    bits = (bits << 5 | word) & 0xfff;
    bitCount += 5;
    if (bitCount >= 8) bytes.push(bits >> (bitCount -= 8) & 0xff);
  }
  return new Uint8Array(bytes);
}

function expandedPrefix() {
  const codes = Array.from(PREFIX, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

/** The polynomial of BIP 173. */
function checksum(words) {
  const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = (sum & 0x1ffffff) << 5 ^ word;
    for (const [bit, term] of generator.entries()) if (top >> bit & 1) sum ^= term;
  }
  return sum;
}

/**
 * Derives the token from a key: HKDF-SHA-256 (RFC 5869) with an empty salt, in base64url.
 *
 * @param {Uint8Array} key 16 bytes
 * @param {string} what it is for
 * @returns {string}
 */
export function tokenOf(key, what = "http") {
  const secret = hmac(new Uint8Array(32), key);
  const info = new TextEncoder().encode(`camcat 1 ${what}`);
  const token = hmac(secret, new Uint8Array([...info, 1]));
  return btoa(String.fromCharCode(...token))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** HMAC-SHA-256 (RFC 2104) with a key of at most 64 bytes. */
function hmac(key, message) {
  const padded = (byte) => Array.from({ length: 64 }, (_, index) => (key[index] ?? 0) ^ byte);
  const inner = sha256(new Uint8Array([...padded(0x36), ...message]));
  return sha256(new Uint8Array([...padded(0x5c), ...inner]));
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 64; n++) if (PRIMES.every((prime) => n % prime)) PRIMES.push(n);

/** The first 32 bits of the fraction of a number. */
const fraction = (number) => (number - Math.floor(number)) * 2 ** 32 | 0;
/** FIPS 180-4 section 4.2.2 and 5.3.3. */
const ROUNDS = PRIMES.map((prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/**
 * SHA-256 (FIPS 180-4 section 6.2).
 *
 * @param {Uint8Array} message
 * @returns {Uint8Array} 32 bytes
 */
export function sha256(message) {
  const padded = new DataView(new ArrayBuffer((message.length + 9 + 63 & ~63) >>> 0));
  new Uint8Array(padded.buffer).set([...message, 0x80]);
  padded.setUint32(padded.byteLength - 4, message.length * 8);
  const rotate = (x, n) => x >>> n | x << 32 - n;
  let state = START;
  for (let block = 0; block < padded.byteLength; block += 64) {
    const w = Array.from({ length: 16 }, (_, index) => padded.getInt32(block + index * 4));
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15], w[i - 2]];
      w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >>> 3) + w[i - 7] +
          (rotate(y, 17) ^ rotate(y, 19) ^ y >>> 10) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const t = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g) + ROUNDS[i] +
          w[i] | 0;
      const u = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c);
      [a, b, c, d, e, f, g, h] = [t + u | 0, a, b, c, d + t | 0, e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, index) => word + state[index] | 0);
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [index, word] of state.entries()) digest.setInt32(index * 4, word);
  return new Uint8Array(digest.buffer);
}
