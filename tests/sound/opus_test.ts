// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { isStereo, opusDurationMs } from "../../lib/sound/opus.ts";
import { encodeOpusHead } from "../../lib/sound/opus_head.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";

Deno.test({
  name: "opusDurationMs() reads every configuration of RFC 6716",
  permissions: "none",
  fn() {
    const durations = Array.from(
      { length: 32 },
      (_, config) => opusDurationMs(Uint8Array.of(config << 3, 0)),
    );
    const [silk, hybrid, celt] = [[10, 20, 40, 60], [10, 20], [2.5, 5, 10, 20]];
    assertEquals(durations, [
      ...[...silk, ...silk, ...silk, ...hybrid, ...hybrid, ...celt, ...celt, ...celt, ...celt],
    ]);
    const twenty = 31 << 3;
    assertEquals(opusDurationMs(Uint8Array.of(twenty | 1, 1, 1)), 40);
    assertEquals(opusDurationMs(Uint8Array.of(twenty | 2, 1)), 40);
    assertEquals(opusDurationMs(Uint8Array.of(twenty | 3, 6)), 120);
  },
});

Deno.test({
  name: "opusDurationMs() knows what is no Opus packet",
  permissions: "none",
  fn() {
    const twenty = 31 << 3;
    for (
      const bytes of [
        [],
        [twenty | 1, 1], // two frames of half a byte
        [twenty | 2],
        [twenty | 3],
        [twenty | 3, 0],
        [twenty | 3, 7], // 140 ms
      ]
    ) assertEquals(opusDurationMs(Uint8Array.from(bytes)), undefined, `${bytes}`);
    assertThrows(() => new SoundPacket({ seq: 0, time: 0, data: new Uint8Array() }), RangeError);
    assertThrows(
      () => new SoundPacket({ seq: 0, time: 0, data: new Uint8Array(1501) }),
      RangeError,
    );
  },
});

Deno.test({
  name: "isStereo() and encodeOpusHead() tell the channels",
  permissions: "none",
  fn() {
    assertEquals([isStereo(Uint8Array.of(0xf8)), isStereo(Uint8Array.of(0xfc))], [false, true]);
    const head = encodeOpusHead({ channels: 2, preSkip: 312 });
    assertEquals(head.toHex(), "4f707573486561640102380180bb000000" + "0000");
  },
});
