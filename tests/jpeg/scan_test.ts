// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { findMarker } from "../../lib/jpeg/scan.ts";
import { fuzz } from "../support/random.ts";

/** What findMarker() is to find, a byte at a time. */
function findSlowly(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end; at++) {
    if (bytes[at] !== 0xff) continue;
    if (at + 1 === end) return at;
    const next = bytes[at + 1];
    if (next === 0 || (next >= 0xd0 && next <= 0xd7)) at++;
    else if (next !== 0xff) return at;
  }
  return end;
}

Deno.test({
  name: "findMarker() finds what a search byte by byte finds",
  permissions: "none",
  fn() {
    fuzz(3000, (random) => {
      // Longer than the scanner's memory now and then, with few or many FF.
      const length = random.below(8) === 0 ? 140_000 : random.below(200);
      const bytes = new Uint8Array(length);
      const following = [0, 0, 0, 0xd0, 0xd7, 0xff, 0xcf, 0xd8, 0xd9];
      const some = random.below(8) === 0 ? following.length : 6; // mostly without a marker
      for (let at = random.below(20); at < length; at += 1 + random.below(400)) {
        bytes[at] = 0xff;
        if (at + 1 < length) bytes[at + 1] = following[random.below(some)];
      }
      if (length > 70_000) bytes.fill(0xff, 65_535 - random.below(3), 65_537 + random.below(3));
      const at = random.below(length + 1);
      const end = at + random.below(length - at + 1);
      assertEquals(findMarker(bytes, at, end), findSlowly(bytes, at, end));
    });
  },
});
