// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { element, float, id, integer, size, space, text } from "../../lib/sound/ebml.ts";
import type { Bytes } from "../../lib/jpeg/frame.ts";

/** Bytes as RFC 8794 and RFC 9559 write them. */
const CASES: [what: string, bytes: Bytes, expected: string][] = [
  ["an ID of one byte", id(0xec), "ec"],
  ["an ID of four bytes", id(0x1a45dfa3), "1a45dfa3"],
  ["the sizes of RFC 8794 table 5: 2 in 1 byte", size(2, 1), "82"],
  ["2 in 2 bytes", size(2, 2), "4002"],
  ["2 in 4 bytes", size(2, 4), "10000002"],
  ["2^32 in 8 bytes", size(2 ** 32, 8), "0100000100000000"],
  ["an empty element", element(0x1549a966), "1549a96680"],
  ["text", text(0x4282, "matroska"), "4282886d6174726f736b61"],
  ["an integer", integer(0xd7, 258), "d7880000000000000102"],
  ["a float", float(0x4489, 1.5), "4489883ff8000000000000"],
  ["elements in one another", element(0xae, element(0xe0), space(3)), "ae85e080ec8100"],
];

for (const [what, bytes, expected] of CASES) {
  Deno.test({
    name: `ebml writes ${what}`,
    permissions: "none",
    fn: () => assertEquals(bytes.toHex(), expected),
  });
}

Deno.test({
  name: "element() never has the size that stands for unknown",
  permissions: "none",
  fn() {
    for (const length of [0, 1, 126, 127, 128, 16383, 70_000]) {
      const bytes = element(0xec, new Uint8Array(length));
      const sizeBytes = Math.clz32(bytes[1]) - 23;
      const known = bytes.subarray(1, 1 + sizeBytes);
      const value = known.reduce(
        (sum, byte, index) => sum * 256 + (index === 0 ? byte & 0xff >> sizeBytes : byte),
        0,
      );
      assertEquals([value, bytes.length], [length, 1 + sizeBytes + length]);
      assertEquals(value === 2 ** (7 * sizeBytes) - 1, false);
    }
  },
});
