/**
 * What both ends derive from a key: a certificate and a proof.
 *
 * @module
 */

import "reflect-metadata"; // @peculiar/x509 wants it to be there
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Key } from "./key.ts";

/**
 * The name in the certificate. No authority can vouch for a name that ends in
 * `.invalid` (RFC 2606), should a program trust others than us.
 */
export const TLS_NAME = "camcat.invalid";

/** Bytes of {@linkcode Identity.proof}. */
export const PROOF_BYTES = 32;

/** How the two ends of a connection know each other. */
export interface Identity {
  /** The certificate that the viewer shows, in PEM; the sender trusts it alone. */
  certificate: string;
  /** Its private key, in PEM. */
  privateKey: string;
  /** What the sender says inside, to prove that it has the key, too. */
  proof: Uint8Array<ArrayBuffer>;
}

/** PKCS #8 for an Ed25519 private key (RFC 8410 section 7), up to its 32 bytes. */
const PKCS8_ED25519 = Uint8Array.fromHex("302e020100300506032b657004220420");

const ED25519 = { name: "Ed25519" };

/**
 * Derives the identity of a key by HKDF (RFC 5869). It is the same, byte for byte,
 * wherever it is made, so that nothing but the key has to be exchanged.
 */
export async function identityOf(key: Key): Promise<Identity> {
  const pkcs8 = new Uint8Array([...PKCS8_ED25519, ...await derive(key, "camcat 1 certificate")]);
  return {
    certificate: await certify(pkcs8),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8.toBase64()}\n-----END PRIVATE KEY-----\n`,
    proof: await derive(key, "camcat 1 proof"),
  };
}

/** What takes the place of the key over HTTP, where others may be able to read along. */
export interface HttpSecrets {
  /** What programs and the page send to prove that they have the key: 43 characters of base64url. */
  token: string;
  /** Signs session cookies; never leaves the sender. */
  sessionKey: Uint8Array<ArrayBuffer>;
}

/** Derives from a key, as {@linkcode identityOf} does, what it takes to watch over HTTP. */
export async function httpSecretsOf(key: Key): Promise<HttpSecrets> {
  const token = await derive(key, "camcat 1 http");
  return {
    token: token.toBase64({ alphabet: "base64url", omitPadding: true }),
    sessionKey: await derive(key, "camcat 1 http session"),
  };
}

/** 32 bytes for one purpose, which tell nothing of the key or of those for another (HKDF-SHA-256). */
async function derive(key: Key, purpose: string): Promise<Uint8Array<ArrayBuffer>> {
  const secret = await crypto.subtle.importKey("raw", key.bytes, "HKDF", false, ["deriveBits"]);
  const info = new TextEncoder().encode(purpose);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, secret, 256));
}

/** Makes the self-signed certificate. Everything in it but the key pair is constant. */
async function certify(pkcs8: Uint8Array<ArrayBuffer>): Promise<string> {
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, ED25519, true, ["sign"]);
  const { d: _, key_ops: __, ...publicPart } = await crypto.subtle.exportKey("jwk", privateKey);
  const publicKey = await crypto.subtle.importKey("jwk", publicPart, ED25519, true, ["verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=camcat",
    serialNumber: "01",
    // For good: a new key is a new certificate, and clocks of cameras are often wrong.
    notBefore: new Date(Date.UTC(1970, 0, 1)),
    notAfter: new Date(Date.UTC(9999, 11, 31)),
    signingAlgorithm: ED25519,
    keys: { privateKey, publicKey },
    extensions: [
      new BasicConstraintsExtension(false),
      new SubjectAlternativeNameExtension([{ type: "dns", value: TLS_NAME }]),
    ],
  });
  return certificate.toString("pem") + "\n";
}
