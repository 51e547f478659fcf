import { hkdfSync, X509Certificate } from "node:crypto";
// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  httpSecretsOf,
  type Identity,
  identityOf,
  PROOF_BYTES,
  TLS_NAME,
} from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";

/** The key of the bytes 0 to 15, and what follows from it: other versions must come to the same. */
const RECORDED = {
  key: "qqqs-yqcy-q5rq-wzqf-pg9s-crgw-pudz-jgqr",
  certificateSha256: "f8dec56a06d36366871e9c25a6fff83e0b6527ba7903ec720c966430ee6e84fe",
  proof: "3daf44e70d808586eb1033714445ff21b3a77e69f58aebcacd4694e62d9d72ae",
};

/** What is between the lines of a PEM. */
function decode(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(pem.replace(/-----.*-----|\n/g, ""));
}

/** All of an identity as one string. */
function decodeUrl(text: string): string {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" }).toHex();
}

function textOf({ certificate, privateKey, proof }: Identity): string {
  return [certificate, privateKey, proof.toHex()].join();
}

Deno.test("identityOf() comes to what it came to when it was released", async () => {
  const key = Key.parse(RECORDED.key);
  assertEquals([...key.bytes], Array.from({ length: 16 }, (_, index) => index));
  const { certificate, proof } = await identityOf(key);
  const digest = await crypto.subtle.digest("SHA-256", decode(certificate));
  assertEquals(new Uint8Array(digest).toHex(), RECORDED.certificateSha256);
  assertEquals(proof.toHex(), RECORDED.proof);
});

Deno.test("identityOf() derives by HKDF as others do, the secrets apart from each other", async () => {
  for (const key of [Key.parse(RECORDED.key), Key.random()]) {
    const { privateKey, proof } = await identityOf(key);
    const derive = (info: string) =>
      new Uint8Array(hkdfSync("sha256", key.bytes, new Uint8Array(), info, 32)).toHex();
    assertEquals(proof.toHex(), derive("camcat 1 proof"));
    assertEquals(decode(privateKey).subarray(16).toHex(), derive("camcat 1 certificate"));
    assertEquals(proof.length, PROOF_BYTES);
    const { token, sessionKey } = await httpSecretsOf(key);
    assertEquals(decodeUrl(token), derive("camcat 1 http"));
    assertEquals(sessionKey.toHex(), derive("camcat 1 http session"));
  }
});

Deno.test("identityOf() is the same each time for a key, and another one for each other key", async () => {
  const keys = Array.from({ length: 8 }, () => Key.random());
  const first = await Promise.all(keys.map(async (key) => textOf(await identityOf(key))));
  const again = await Promise.all(
    keys.map(async (key) => textOf(await identityOf(Key.parse(key.text)))),
  );
  assertEquals(again, first);
  const parts = first.flatMap((text) => text.split(","));
  assertEquals(new Set(parts).size, 3 * keys.length);
});

Deno.test("identityOf() makes a certificate that nobody else can vouch for, and that never ends", async () => {
  const { certificate, privateKey } = await identityOf(Key.random());
  const x509 = new X509Certificate(certificate);
  assertEquals(x509.subject, x509.issuer);
  assertEquals(x509.subjectAltName, `DNS:${TLS_NAME}`);
  assertMatch(TLS_NAME, /\.invalid$/);
  assert(!x509.ca, "it must not be able to sign others");
  assertEquals(new Date(x509.validFrom).getUTCFullYear(), 1970);
  assertEquals(new Date(x509.validTo).getUTCFullYear(), 9999);
  assert(!certificate.includes(privateKey.split("\n")[1]));
});
