// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { oldestOfBusiest } from "../../lib/security/fair_share.ts";

Deno.test({
  name: "oldestOfBusiest() returns the first entry of the address with most of them",
  permissions: "none",
  fn() {
    const cases: [string, number | undefined][] = [
      ["", undefined],
      ["a", 0],
      ["ab", 0],
      [
        "abb",
        1,
      ],
      ["babac", 0],
      ["cabab", 1],
    ];
    for (const [text, index] of cases) {
      const entries = [...text].map((from) => ({ from }));
      assertEquals(oldestOfBusiest(entries), index === undefined ? index : entries[index], text);
    }
  },
});
