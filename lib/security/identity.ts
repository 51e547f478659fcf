/**
 * What both ends derive from a key: a certificate and a proof.
 *
 * @module
 */

import { type CertifiedKey, certify } from "./certificate.ts";
import type { Key } from "./key.ts";

/** Bytes of {@linkcode Identity.proof}. */
export const PROOF_BYTES = 32;

/**
 * How the two ends of a connection know each other: the viewer presents the certificate, and
 * the sender trusts no other.
 */
export interface Identity extends CertifiedKey {
  /** What the sender sends inside the encryption to prove that it has the key too. */
  proof: Uint8Array<ArrayBuffer>;
}

/**
 * Derives the identity of a key by HKDF (RFC 5869). It is the same, byte for byte,
 * wherever it is made, so that nothing but the key has to be exchanged.
 */
export async function identityOf(key: Key): Promise<Identity> {
  return {
    ...await certify(await derive(key, "camcat 1 certificate")),
    proof: await derive(key, "camcat 1 proof"),
  };
}

/** What takes the place of the key over HTTP, where others may be able to read along. */
export interface HttpSecrets {
  /** What programs and the page send to prove that they have the key: 43 characters of base64url. */
  token: string;
  /** Signs session cookies; never leaves the sender. */
  sessionKey: Uint8Array<ArrayBuffer>;
  /** Signs view-only tokens; never leaves the sender. */
  shareKey: Uint8Array<ArrayBuffer>;
}

/** Derives from a key, as {@linkcode identityOf} does, what it takes to watch over HTTP. */
export async function httpSecretsOf(key: Key): Promise<HttpSecrets> {
  return await secretsOf(key, "http");
}

/** Derives from a key what it takes for a phone to be the camera, and nothing else. */
export async function phoneSecretsOf(key: Key): Promise<HttpSecrets> {
  return await secretsOf(key, "phone");
}

/** Derives from a key what it takes to call from a browser, and nothing else. */
export async function callSecretsOf(key: Key): Promise<HttpSecrets> {
  return await secretsOf(key, "call");
}

/** Derives from a key what it takes to see and delete recordings, and nothing else. */
export async function archiveSecretsOf(key: Key): Promise<HttpSecrets> {
  return await secretsOf(key, "archive");
}

async function secretsOf(
  key: Key,
  what: "http" | "phone" | "archive" | "call",
): Promise<HttpSecrets> {
  const token = await derive(key, `camcat 1 ${what}`);
  return {
    token: token.toBase64({ alphabet: "base64url", omitPadding: true }),
    sessionKey: await derive(key, `camcat 1 ${what} session`),
    shareKey: await derive(key, `camcat 1 ${what} share`),
  };
}

/**
 * The public identifier of a key: 16 bytes in hexadecimal. A sender announces it, so that whoever
 * has the key recognises the sender wherever it is. It tells nothing of the key.
 */
export async function idOf(key: Key): Promise<string> {
  return (await derive(key, "camcat 1 id")).subarray(0, 16).toHex();
}

/** 32 bytes for one purpose, which tell nothing of the key or of those for another (HKDF-SHA-256). */
async function derive(key: Key, purpose: string): Promise<Uint8Array<ArrayBuffer>> {
  const secret = await crypto.subtle.importKey("raw", key.bytes, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(purpose);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, secret, 256));
}
