// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Backoff } from "../../lib/base/backoff.ts";

/** Delays with the jitter at `share` of its range. */
function delays(backoff: Backoff, count: number, share: number): number[] {
  const { random } = Math;
  Math.random = () => share;
  try {
    return Array.from({ length: count }, () => backoff.nextMs());
  } finally {
    Math.random = random;
  }
}

Deno.test({
  name: "Backoff.nextMs() doubles from 0.2 s to 5 s",
  permissions: "none",
  fn() {
    assertEquals(delays(new Backoff(), 8, 0.5), [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  },
});

Deno.test({
  name: "Backoff.nextMs() varies by a quarter",
  permissions: "none",
  fn() {
    assertEquals(delays(new Backoff(), 2, 0), [150, 300]);
    assertEquals(delays(new Backoff(), 2, 1), [250, 500]);
    const first = Array.from({ length: 100 }, () => new Backoff().nextMs());
    assert(first.every((delay) => delay >= 150 && delay <= 250));
    assert(new Set(first).size > 1);
  },
});

Deno.test({
  name: "Backoff.reset() restarts at 0.2 s",
  permissions: "none",
  fn() {
    const backoff = new Backoff();
    delays(backoff, 5, 0.5);
    backoff.reset();
    assertEquals(delays(backoff, 2, 0.5), [200, 400]);
  },
});
