// How many relays frames may pass.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { LoopError, MAX_HOPS, oneMoreHop } from "../../lib/relay/hops.ts";

Deno.test("oneMoreHop() counts up to a bound", () => {
  assertEquals(oneMoreHop(0, "a:9000"), 1);
  assertEquals(oneMoreHop(MAX_HOPS - 1, "a:9000"), MAX_HOPS);
  for (const hops of [MAX_HOPS, MAX_HOPS + 1, Number.MAX_SAFE_INTEGER]) {
    assertThrows(() => oneMoreHop(hops, "a:9000"), LoopError, "Cannot relay a:9000: its pictures");
  }
});
