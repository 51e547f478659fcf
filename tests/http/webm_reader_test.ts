// The page's reader of sound, against what the sender writes.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { WebmReader } from "../../lib/http/page/webm_reader.js";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { WebmWriter } from "../../lib/sound/webm.ts";

/** Packets of 10 ms: the first byte says so (RFC 6716 section 3.1), the second which it is. */
const PACKETS = Array.from({ length: 250 }, (_, index) => new Uint8Array([0xf0, index, 0xa3, 0]));

function stream(): Uint8Array {
  const writer = new WebmWriter();
  return concat(
    PACKETS.map((data, seq) => writer.encode(new SoundPacket({ seq, time: seq * 10, data }))),
  );
}

for (const size of [1, 7, 1000, 100_000]) {
  Deno.test(`packets come out of WebM that arrives in pieces of ${size} bytes`, () => {
    const [reader, bytes] = [new WebmReader(), stream()];
    const packets: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      packets.push(...reader.read(bytes.subarray(at, at + size)));
    }
    assertEquals(packets, PACKETS);
  });
}

Deno.test("an element that is too long is refused before it has arrived", () => {
  const start = new Uint8Array([0xa3, 0x10, 0x20, 0, 0]);
  assertThrows(() => [...new WebmReader().read(start)], RangeError, "2097152 bytes");
});
