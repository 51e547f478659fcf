// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../lib/base/errors.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodePart, encodeSound, MessageReader } from "../../lib/protocol/codec.ts";
import { MAX_OPUS_BYTES, SoundPacket } from "../../lib/sound/sound_packet.ts";
import { join, jpeg } from "../support/jpegs.ts";

/** Reads `bytes` in chunks of `size`, as a viewer that takes sound or not. */
function read(bytes: Uint8Array, { size = bytes.length, sound = true, maxFrameBytes = 1000 } = {}) {
  const reader = new MessageReader({ maxFrameBytes, sound });
  const messages: unknown[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    reader.space().set(chunk);
    messages.push(...reader.commit(chunk.length));
  }
  return { messages, takenBytes: reader.takenBytes };
}

/** A message of this payload, which may say that it is longer. */
function message(payload: number[], length = payload.length): Uint8Array {
  return join(new Uint8Array([0, 0, length >> 8, length]), new Uint8Array(payload));
}

const OPUS = Uint8Array.of(0xf8, 1, 2, 3);

Deno.test({
  name: "encodeSound() writes level, number, time in microseconds and the packet",
  permissions: "none",
  fn() {
    const packet = new SoundPacket({ seq: 258, time: 1790000000000.25, data: OPUS, level: 20 });
    const bytes = encodeSound(packet);
    assertEquals(
      bytes.toHex(),
      "00000012" + "53" + "14" + "00000102" + "00065bfeda25e0fa" + "f8010203",
    );
    for (const size of [1, 7, bytes.length]) {
      assertEquals(read(bytes, { size }), { messages: [packet], takenBytes: 22 });
    }
    assertEquals([packet.durationMs, packet.type], [20, "sound"]);
  },
});

Deno.test({
  name: "MessageReader joins pictures in parts, with sound between them",
  permissions: "none",
  fn() {
    const whole = jpeg(new Uint8Array(300));
    const packet = new SoundPacket({ seq: 1, time: 5, data: OPUS });
    const bytes = join(
      encodePart(whole.subarray(0, 100), false),
      encodeSound(packet),
      encodePart(whole.subarray(100, 101), false),
      encodePart(whole.subarray(101), true),
      encodePart(whole, true),
    );
    for (const size of [1, 13, bytes.length]) {
      const { messages, takenBytes } = read(bytes, { size });
      const plain = messages.map((message) => message instanceof Frame ? message.jpeg : message);
      assertEquals(plain, [packet, whole, whole]);
      assertEquals(takenBytes, 2 * whole.length + 4 * 6 + 22);
    }
  },
});

Deno.test({
  name: "MessageReader refuses sound that was not asked for, or is none",
  permissions: "none",
  fn() {
    const sound = encodeSound(new SoundPacket({ seq: 1, time: 5, data: OPUS }));
    const part = encodePart(jpeg(), true);
    for (const bytes of [sound, part]) {
      assertThrows(() => read(bytes, { sound: false }), ProtocolError, "its first byte must be FF");
    }
    const header = [0x53, 20, ...new Array(12).fill(0)];
    const refused: [Uint8Array, string][] = [
      [message([0x53]), "the message breaks off"],
      [message(header.slice(0, 13)), "the message breaks off"],
      [message(header), "it must be an Opus packet"],
      [message([...header, 0x03]), "it must be an Opus packet"],
      [message([...header, 0xfb, 0]), "it must be an Opus packet"],
      [message([...header, 0xfb, 63]), "it must be an Opus packet"],
      [
        message([0x53], 14 + MAX_OPUS_BYTES + 1),
        "sound: it must be 1 to 1514 bytes long, received",
      ],
      [message([0x50, 0]), "it is empty, or of no known kind"],
      [message([0x50, 2, 7]), "it is empty, or of no known kind"],
      [message([0x50, 1, 0xff, 0xd8]), "it must be a JPEG from SOI to EOI"],
      [
        join(encodePart(new Uint8Array(600), false), encodePart(jpeg(new Uint8Array(600)), true)),
        "received more in parts",
      ],
    ];
    for (const [bytes, why] of refused) assertThrows(() => read(bytes), ProtocolError, why);
  },
});
