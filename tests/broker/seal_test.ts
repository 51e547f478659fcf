// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/base/errors.ts";
import { HEADER_BYTES, parseMessage, TAG_BYTES } from "../../lib/broker/message.ts";
import { Opener, Sealer } from "../../lib/broker/seal.ts";
import { Key } from "../../lib/security/key.ts";

const KEY = Key.random();
const DOOR = { key: KEY, name: "door" };
const SECRET = new TextEncoder().encode("a picture of the front door");

async function openedBy(opener: Opener, bytes: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await opener.open(opener.parse(bytes)));
}

Deno.test("a sealed message can be read with the key only", async () => {
  const sealed = await new Sealer("publisher", DOOR).seal("frame", SECRET);
  assertEquals(sealed.length, HEADER_BYTES + SECRET.length + TAG_BYTES);
  assert(!new TextDecoder("latin1").decode(sealed).includes("picture"));
  assertEquals(
    await openedBy(new Opener("publisher", DOOR), sealed),
    "a picture of the front door",
  );
  const others = [
    new Opener("publisher", { ...DOOR, key: Key.random() }),
    new Opener("publisher", { ...DOOR, name: "yard" }), // moved to another camera's channel
    new Opener("edge", DOOR), // an answer in place of a question
  ];
  for (const other of others) await assertRejects(() => openedBy(other, sealed), ProtocolError);
});

Deno.test("no byte of a sealed message can be changed", async () => {
  const sealed = await new Sealer("publisher", DOOR).seal("frame", SECRET);
  const opener = new Opener("publisher", DOOR);
  for (let at = 0; at < sealed.length; at++) {
    const forged = sealed.slice();
    forged[at] ^= 0x01;
    await assertRejects(() => openedBy(opener, forged), ProtocolError, "", `byte ${at}`);
  }
  for (const length of [0, HEADER_BYTES, sealed.length - 1]) {
    await assertRejects(() => openedBy(opener, sealed.subarray(0, length)), ProtocolError);
  }
});

Deno.test("no nonce is used twice under one key", async () => {
  const sealer = new Sealer("publisher", DOOR);
  const messages = await Promise.all(
    Array.from({ length: 50 }, () => sealer.seal("frame", SECRET)),
  );
  const counters = messages.map((message) => parseMessage(message).header.counter);
  assertEquals(counters, Array.from({ length: 50 }, (_, index) => index + 1));
  // The next start has a key of its own: the same counter and text, other bytes.
  const again = await new Sealer("publisher", DOOR).seal("frame", SECRET);
  assertEquals(parseMessage(again).header.counter, 1);
  assert(
    parseMessage(again).header.epoch.toHex() !== parseMessage(messages[0]).header.epoch.toHex(),
  );
  assert(again.subarray(HEADER_BYTES).toHex() !== messages[0].subarray(HEADER_BYTES).toHex());
});

Deno.test("neither end takes bare messages for sealed ones, or sealed for bare", async () => {
  const open = { key: undefined, name: "door" };
  const bare = await new Sealer("publisher", open).seal("frame", SECRET);
  assertEquals(await openedBy(new Opener("publisher", open), bare), "a picture of the front door");
  assertThrows(() => new Opener("publisher", DOOR).parse(bare), ProtocolError, "not sealed");
  const sealed = await new Sealer("publisher", DOOR).seal("frame", SECRET);
  assertThrows(
    () => new Opener("publisher", open).parse(sealed),
    ProtocolError,
    "Leave --open out",
  );
});
