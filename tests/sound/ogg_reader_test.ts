// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { MAX_PAGE_BYTES, OggReader } from "../../lib/sound/ogg_reader.ts";
import { encodeOpusHead } from "../../lib/sound/opus_head.ts";
import { opusOutput } from "../../lib/sound/opus_output.ts";
import { join } from "../support/jpegs.ts";

/** A page whose packets end in it, but the last if `isOpen`. */
function page(position: bigint, packets: Uint8Array[], isOpen = false): Uint8Array {
  const lacing = packets.flatMap(({ length }, index) => {
    const whole = new Array(Math.floor(length / 255)).fill(255);
    return isOpen && index === packets.length - 1 ? whole : [...whole, length % 255];
  });
  const header = new Uint8Array(27);
  header.set([0x4f, 0x67, 0x67, 0x53]);
  new DataView(header.buffer).setBigInt64(6, position, true);
  header[26] = lacing.length;
  return join(header, new Uint8Array(lacing), ...packets);
}

const HEAD = page(0n, [encodeOpusHead({ channels: 1, preSkip: 120 })]);
const TAGS = page(0n, [new Uint8Array(600)]);
/** 10 ms of CELT. */
const packet = (length: number) => new Uint8Array(length).fill(0xf0);

function read(bytes: Uint8Array, size = bytes.length) {
  const reader = new OggReader();
  const packets = [];
  for (let at = 0; at < bytes.length; at += size) {
    packets.push(...reader.push(bytes.subarray(at, at + size)));
  }
  return { packets, preSkipMs: reader.preSkipMs };
}

Deno.test({
  name: "OggReader gives packets with the times at which they end, whatever the pieces",
  permissions: "none",
  fn() {
    const long = packet(510); // two full segments, and an empty one that ends it
    const stream = join(
      ...[HEAD, TAGS],
      page(48_480n, [packet(3)]),
      page(49_440n, [packet(60), long]), // two of 10 ms each
      page(-1n, [packet(255)], true),
      page(49_920n, [packet(40)]), // the rest of a packet of 295 bytes
      page(50_400n, [new Uint8Array(0), packet(7)]), // an empty packet is none
    );
    const expected = [[3, 1010], [60, 1020], [510, 1030], [295, 1040], [7, 1050]];
    for (const size of [1, 7, 100, stream.length]) {
      const { packets, preSkipMs } = read(stream, size);
      assertEquals(packets.map(({ data, endMs }) => [data.length, endMs]), expected);
      assert(packets.every(({ durationMs }) => durationMs === 10));
      assertEquals(preSkipMs, 2.5);
    }
  },
});

Deno.test({
  name: "OggReader refuses what is no Ogg, no Opus, or a packet without end",
  permissions: "none",
  fn() {
    const full = page(-1n, [new Uint8Array(255 * 255)], true);
    assertEquals(full.length, MAX_PAGE_BYTES);
    const refused: [Uint8Array, string][] = [
      [new TextEncoder().encode("RIFF"), "a page of Ogg must begin here"],
      [join(HEAD, new Uint8Array(1)), "a page of Ogg must begin here"],
      [page(0n, [new Uint8Array(19)]), "it must be Opus"],
      [page(0n, [new TextEncoder().encode("OpusHead")]), "it must be Opus"],
      [join(HEAD, TAGS, page(-1n, [packet(1530)], true)), "a packet of 1530 bytes"],
      [join(HEAD, full, full), "a packet of"],
    ];
    for (const [bytes, why] of refused) assertThrows(() => read(bytes), CamcatError, why);
  },
});

Deno.test("OggReader reads what ffmpeg writes", async () => {
  const { stdout, success, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-loglevel", "error", "-f", "lavfi", "-i", "sine=duration=1"],
      ...opusOutput("0:a:0", 2, "pipe:1"),
    ],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { packets, preSkipMs } = read(stdout, 1000);
  assertEquals(preSkipMs, 2.5);
  assert(packets.length >= 100 && packets.length <= 102, `${packets.length} packets`);
  packets.forEach(({ durationMs, endMs }, index) => {
    assertEquals(durationMs, 10);
    if (index < 100) assertEquals(endMs, (index + 1) * 10);
  });
});
