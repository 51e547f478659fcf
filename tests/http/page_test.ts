// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { encodeControl, MessageReader } from "../../lib/protocol/codec.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodeDescribedFrame } from "../../lib/protocol/codec.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { parseKey, sha256, tokenOf } from "../../lib/http/page/key.js";
import { ClockSync, decode, encode } from "../../lib/http/page/wire.js";
import { join, jpeg as picture } from "../support/jpegs.ts";
import { Random } from "../support/random.ts";

Deno.test("the page reads keys and derives tokens as the sender does", async () => {
  for (let round = 0; round < 50; round++) {
    const key = Key.random();
    assertEquals(parseKey(key.text), key.bytes);
    assertEquals(parseKey(` ${key.text.toUpperCase().replaceAll("-", " ")}\n`), key.bytes);
    assertEquals(tokenOf(key.bytes), (await httpSecretsOf(key)).token);
  }
});

Deno.test("the page recognises typing errors in a key", () => {
  const { text } = Key.random();
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "-") continue;
    const other = text[at] === "q" ? "p" : "q";
    const wrong = text.slice(0, at) + other + text.slice(at + 1);
    assertThrows(() => parseKey(wrong), Error, "typing error");
  }
  for (const wrong of ["", "abc", text.slice(1), `${text}q`]) {
    assertThrows(() => parseKey(wrong), Error, "has 32 letters and digits");
  }
  assertThrows(() => parseKey(text.replace(/^./, "b")), Error, "typing error");
});

Deno.test("the page's SHA-256 agrees with the platform's", async () => {
  const random = new Random(256);
  for (let length = 0; length < 200; length++) {
    const message = random.bytes(length);
    const expected = new Uint8Array(await crypto.subtle.digest("SHA-256", message));
    assertEquals(sha256(message), expected, `${length} bytes`);
  }
});

Deno.test("the sender reads what the page writes", () => {
  const reader = new MessageReader({ maxFrameBytes: 0 });
  const bytes = encode({ type: "hello", version: 1, camera: "Tür" });
  reader.space().set(bytes);
  assertEquals(reader.commit(bytes.length), [{ type: "hello", version: 1, camera: "Tür" }]);
});

Deno.test("the page reads what the sender writes", () => {
  const jpeg = picture();
  const frame = Frame.from(jpeg, { time: 12.5, seq: 7 });
  const bytes = join(
    encodeControl({ type: "ping", time: 1 }),
    encodeDescribedFrame(frame),
  );
  assertEquals([...decode(bytes.buffer)], [
    { type: "ping", time: 1 },
    { type: "frame", seq: 7, time: 12.5 },
    jpeg,
  ]);
});

Deno.test("the page's clock uses the fastest of the latest messages in each direction", () => {
  const clock = new ClockSync();
  assertEquals(clock.offsetMs, undefined);
  clock.pong({ time: 1000, clock: 6100 }, 1400); // 100 ms there, 300 back
  assertEquals(clock.offsetMs, 4900);
  clock.pong({ time: 2000, clock: 7010 }, 2210); // 10 there, 200 back
  clock.ping({ time: 7500 }, 2510); // 10 back
  assertEquals(clock.offsetMs, 5000);
  const late = () => clock.pong({ time: 3000, clock: 8300 }, 3400); // 300 there, 100 back
  for (let round = 0; round < 15; round++) late();
  assertEquals(clock.offsetMs, 5000);
  late();
  assertEquals(clock.offsetMs, 5100);
});
