// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { formatCode, parseCode, randomCode } from "../../lib/pairing/code.ts";
import { passwordOf } from "../../lib/pairing/password.ts";
import { fromBase64, toBase64 } from "../../lib/pairing/base64.ts";
import { seal, SEAL_BYTES, unseal } from "../../lib/pairing/seal.ts";

Deno.test("parseCode() takes a code as people write it, and nothing else", () => {
  for (const text of ["012345", "012 345", " 01-23-45 ", "0 1 2 3 4 5"]) {
    assertEquals(parseCode(text), "012345", text);
  }
  for (const text of ["", "12345", "1234567", "12345a", "१२३४५६", "1e2345", "+12345"]) {
    assertEquals(parseCode(text), undefined, text);
  }
});

Deno.test("randomCode() gives codes that differ, and uses every digit at every place", () => {
  const codes = Array.from({ length: 2000 }, randomCode);
  for (const code of codes) assertEquals(parseCode(formatCode(code)), code);
  assert(new Set(codes).size > 1950);
  for (let place = 0; place < 6; place++) {
    assertEquals(new Set(codes.map((code) => code[place])).size, 10);
  }
});

Deno.test("passwordOf() depends on each digit, and is the same every time", async () => {
  const [one, again, other] = await Promise.all(["000001", "000001", "100000"].map(passwordOf));
  assertEquals(one, again);
  assert(one !== other && one > 0n);
});

Deno.test("unseal() opens what seal() made, with the same key and unchanged", () => {
  const [key, other] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const secret = new Uint8Array(16).fill(0x77);
  const sealed = seal(key, secret);
  assertEquals(sealed.length, secret.length + SEAL_BYTES);
  assertEquals(unseal(key, sealed)?.toHex(), secret.toHex());
  assertEquals(unseal(other, sealed), undefined);
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] ^= 1;
    assertEquals(unseal(key, changed), undefined);
  }
  for (const length of [0, 1, 15, 31]) {
    assertEquals(unseal(key, sealed.subarray(0, length)), undefined);
  }
});

Deno.test("toBase64() writes what Deno writes, and fromBase64() reads it", () => {
  const bytes = Uint8Array.from({ length: 65 }, (_, index) => index * 31);
  assertEquals(toBase64(bytes), bytes.toBase64());
  assertEquals(fromBase64(toBase64(bytes)).toHex(), bytes.toHex());
});
