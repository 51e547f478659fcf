// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { captureTime } from "../../lib/receive/received.ts";

Deno.test("captureTime() is on this machine's clock, if it is known and plausible", () => {
  const at = now() - 50;
  assertEquals(captureTime(at + 1000, 1000), at);
  assertEquals(captureTime(at, undefined), undefined);
  for (const wrong of [1e300, -1e300, at + 20_000, at - 4_000_000]) {
    assertEquals(captureTime(wrong, 0), undefined);
  }
  assertEquals(captureTime(at, 1e300), undefined);
});
