/**
 * The self-signed certificate of an Ed25519 key, written from a template.
 *
 * @module
 */

/**
 * The name in the certificate. No authority can vouch for a name that ends in
 * `.invalid` (RFC 2606), should a program trust others than us.
 */
export const TLS_NAME = "camcat.invalid";

/** A certificate and its private key, as Deno's TLS takes them. */
export interface CertifiedKey {
  /** The X.509 certificate, in PEM (RFC 7468). */
  certificate: string;
  /** The private key in PKCS #8, in PEM. */
  privateKey: string;
}

/**
 * What is signed, a TBSCertificate (RFC 5280 section 4.1) in DER, up to the 32 bytes of the
 * public key. Nothing in it depends on the key, so the same key gives the same certificate.
 */
const BEFORE_PUBLIC_KEY = Uint8Array.fromHex([
  "3081ad", // SEQUENCE, 173 bytes
  "a003020102", // version: 3
  "020101", // serialNumber: 1
  "300506032b6570", // signature: Ed25519, 1.3.101.112 (RFC 8410 section 3)
  "3011310f300d06035504031306" + hexOf("camcat"), // issuer: CN=camcat
  // validity. It never ends: a new key is a new certificate, and clocks of cameras are often wrong.
  "3020" + "170d" + hexOf("700101000000Z") + "180f" + hexOf("99991231000000Z"),
  "3011310f300d06035504031306" + hexOf("camcat"), // subject: CN=camcat
  "302a300506032b6570032100", // subjectPublicKeyInfo: Ed25519, a BIT STRING of 32 bytes
].join(""));

/** The rest of what is signed: the extensions (RFC 5280 section 4.2.1). */
const AFTER_PUBLIC_KEY = Uint8Array.fromHex([
  "a3283026", // extensions, 38 bytes
  "30090603551d1304023000", // basicConstraints: it cannot sign other certificates
  "30190603551d1104123010820e" + hexOf(TLS_NAME), // subjectAltName: a dNSName
].join(""));

/** Begins the Certificate: a SEQUENCE of 250 bytes. */
const BEFORE_SIGNED = Uint8Array.fromHex("3081fa");
/** signatureAlgorithm: Ed25519; signatureValue: a BIT STRING of 64 bytes. */
const BEFORE_SIGNATURE = Uint8Array.fromHex("300506032b6570034100");

/** PKCS #8 for an Ed25519 private key (RFC 8410 section 7), up to its 32 bytes. */
const BEFORE_SEED = Uint8Array.fromHex("302e020100300506032b657004220420");

/**
 * Makes the certificate. The same seed gives the same bytes wherever it is made: both
 * ends of a connection make it for themselves, and Ed25519 signs without chance (RFC 8032).
 *
 * @param seed the 32 bytes of an Ed25519 private key
 */
export async function certify(seed: Uint8Array<ArrayBuffer>): Promise<CertifiedKey> {
  const pkcs8 = new Uint8Array([...BEFORE_SEED, ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  // WebCrypto gives the public half of a private key in this form alone.
  const { x } = await crypto.subtle.exportKey("jwk", key);
  const publicKey = Uint8Array.fromBase64(x!, { alphabet: "base64url" });
  const signed = new Uint8Array([...BEFORE_PUBLIC_KEY, ...publicKey, ...AFTER_PUBLIC_KEY]);
  const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", key, signed));
  return {
    certificate: pem(
      "CERTIFICATE",
      new Uint8Array([...BEFORE_SIGNED, ...signed, ...BEFORE_SIGNATURE, ...signature]),
    ),
    privateKey: pem("PRIVATE KEY", pkcs8),
  };
}

/** RFC 7468: base64 in lines of 64 characters. */
function pem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function hexOf(ascii: string): string {
  return new TextEncoder().encode(ascii).toHex();
}
