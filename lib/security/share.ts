/**
 * View-only tokens: the right to watch one camera, or all, until a time. The key signs them, so
 * that nothing is stored, and a new key revokes them.
 *
 * ```text
 *  0        5                13                29 bytes, in base64url
 * +--------+----------------+-----------------+
 * | until  | camera         | HMAC-SHA-256 of |
 * | s, BE  | 0: every one   | these, 16 bytes |
 * +--------+----------------+-----------------+
 * ```
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

const UNTIL_BYTES = 5;
const CAMERA_BYTES = 8;
const SIGNED_BYTES = UNTIL_BYTES + CAMERA_BYTES;
const TOKEN_BYTES = SIGNED_BYTES + 16;
/** A token has exactly this many characters. */
export const SHARE_CHARACTERS = Math.ceil(TOKEN_BYTES * 4 / 3);
const EVERY_CAMERA = new Uint8Array(CAMERA_BYTES);

/** What a token gives the right to. */
export interface Share {
  /** Until when, in milliseconds since the Unix epoch. */
  until: number;
  /** Whether a camera of this name may be watched. */
  includes(camera: string): Promise<boolean>;
}

/**
 * Makes a token.
 *
 * @param key the secret that signs: {@linkcode HttpSecrets.shareKey}
 * @param until in milliseconds since the Unix epoch
 * @param camera the only camera that may be watched; undefined for every one
 */
export async function signShare(
  key: Uint8Array<ArrayBuffer>,
  until: number,
  camera?: string,
): Promise<string> {
  const token = new Uint8Array(TOKEN_BYTES);
  const view = new DataView(token.buffer);
  const seconds = Math.floor(until / 1000);
  view.setUint8(0, Math.floor(seconds / 2 ** 32));
  view.setUint32(1, seconds);
  token.set(camera === undefined ? EVERY_CAMERA : await digestOf(camera), UNTIL_BYTES);
  token.set(await signatureOf(key, token.subarray(0, SIGNED_BYTES)), SIGNED_BYTES);
  return token.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * Reads a token.
 *
 * @param now in milliseconds since the Unix epoch
 * @returns undefined if the key has not signed it, or its time is over
 */
export async function readShare(
  key: Uint8Array<ArrayBuffer>,
  text: string,
  now: number = Date.now(),
): Promise<Share | undefined> {
  const token = bytesOf(text);
  if (token === undefined) return undefined;
  const signed = token.subarray(0, SIGNED_BYTES);
  if (!timingSafeEqual(token.subarray(SIGNED_BYTES), await signatureOf(key, signed))) {
    return undefined;
  }
  const view = new DataView(signed.buffer);
  const until = (view.getUint8(0) * 2 ** 32 + view.getUint32(1)) * 1000;
  if (until <= now) return undefined;
  const camera = signed.subarray(UNTIL_BYTES);
  return {
    until,
    includes: async (name) =>
      isEqual(camera, EVERY_CAMERA) || isEqual(camera, await digestOf(name)),
  };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== SHARE_CHARACTERS || !/^[\w-]+$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

async function signatureOf(
  key: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const secret = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, signed)).subarray(0, 16);
}

/** Stands for a name, which may be long, and which a link need not tell. */
async function digestOf(name: string): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return new Uint8Array(digest).subarray(0, CAMERA_BYTES);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, index) => byte === b[index]);
}
