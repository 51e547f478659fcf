import { hkdfSync } from "node:crypto";
// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import {
  httpSecretsOf,
  type Identity,
  identityOf,
  idOf,
  PROOF_BYTES,
} from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";

/** The key of the bytes 0 to 15, and what every version must derive from it. */
const RECORDED = {
  key: "qqqs-yqcy-q5rq-wzqf-pg9s-crgw-pudz-jgqr",
  certificateSha256: "f8dec56a06d36366871e9c25a6fff83e0b6527ba7903ec720c966430ee6e84fe",
  proof: "3daf44e70d808586eb1033714445ff21b3a77e69f58aebcacd4694e62d9d72ae",
};

/** What is between the lines of a PEM. */
function decode(pem: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(pem.replace(/-----.*-----|\n/g, ""));
}

function decodeUrl(text: string): string {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" }).toHex();
}

/** All of an identity as one string. */
function textOf({ certificate, privateKey, proof }: Identity): string {
  return [certificate, privateKey, proof.toHex()].join();
}

Deno.test("identityOf() derives the same as every version before", async () => {
  const key = Key.parse(RECORDED.key);
  assertEquals([...key.bytes], Array.from({ length: 16 }, (_, index) => index));
  const { certificate, proof } = await identityOf(key);
  const digest = await crypto.subtle.digest("SHA-256", decode(certificate));
  assertEquals(new Uint8Array(digest).toHex(), RECORDED.certificateSha256);
  assertEquals(proof.toHex(), RECORDED.proof);
});

Deno.test("identityOf() derives each secret by HKDF, as another implementation does", async () => {
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

Deno.test("identityOf() depends on the key, and on nothing else", async () => {
  const keys = Array.from({ length: 8 }, () => Key.random());
  const first = await Promise.all(keys.map(async (key) => textOf(await identityOf(key))));
  const again = await Promise.all(
    keys.map(async (key) => textOf(await identityOf(Key.parse(key.text)))),
  );
  assertEquals(again, first);
  const parts = first.flatMap((text) => text.split(","));
  assertEquals(new Set(parts).size, 3 * keys.length);
});

Deno.test("idOf() is the first half of HKDF with its own purpose, as another implementation says", async () => {
  const key = Key.parse("qqqs-yqcy-q5rq-wzqf-pg9s-crgw-pudz-jgqr");
  const expected = hkdfSync("sha256", key.bytes, new Uint8Array(), "camcat 1 id", 16);
  assertEquals(await idOf(key), new Uint8Array(expected).toHex());
});
