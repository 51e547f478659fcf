// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Freshness } from "../../lib/broker/freshness.ts";
import type { Header } from "../../lib/broker/message.ts";

function header(epoch: number, counter: number, sentAt = 0): Header {
  return { kind: "frame", sealed: true, epoch: new Uint8Array(16).fill(epoch), counter, sentAt };
}

Deno.test("Freshness lets nothing through before an answer, also after a restart of the edge", () => {
  const fresh = new Freshness();
  assertEquals(fresh.whyOld(header(1, 500), 0, 0), "unknown");
  fresh.answered(header(1, 1000), 0, 0);
  assertEquals(fresh.whyOld(header(1, 500), 0, 0), "repeated"); // recorded before the answer
  assertEquals(fresh.whyOld(header(1, 1001), 0, 0), undefined);
});

Deno.test("Freshness refuses what was there, and what was held back", () => {
  const fresh = new Freshness();
  fresh.answered(header(1, 1), 0, 0);
  fresh.take(header(1, 7), 0);
  assertEquals(fresh.whyOld(header(1, 7), 0, 0), "repeated");
  assertEquals(fresh.whyOld(header(1, 6), 0, 0), "repeated");
  assertEquals(fresh.whyOld(header(1, 8, 0), 0, 10_000), undefined);
  assertEquals(fresh.whyOld(header(1, 8, 0), 0, 10_001), "late");
  // The publisher's clock is an hour ahead: that is known, and no reason to refuse.
  assertEquals(fresh.whyOld(header(1, 8, 3_600_000), 3_600_000, 1000), undefined);
});

Deno.test("Freshness follows a publisher that has started later, and an older one when that is gone", () => {
  const fresh = new Freshness();
  assertEquals(fresh.answered(header(1, 1), 100, 0), true);
  assertEquals(fresh.answered(header(2, 1), 200, 0), true);
  assertEquals(fresh.whyOld(header(1, 2), 0, 0), "unknown");
  assertEquals(fresh.answered(header(1, 3), 100, 2000), false);
  assertEquals(fresh.whyOld(header(2, 2), 0, 2000), undefined);
  assertEquals(fresh.answered(header(1, 4), 100, 3000), true); // the other was silent for 3 s
});
