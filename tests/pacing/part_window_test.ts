// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { PartWindow } from "../../lib/pacing/part_window.ts";

/**
 * Sends parts over a link with one queue for `ms` milliseconds. @returns the share of the link that
 * was used in the second half, and the longest time that something waited in its queue then
 */
function send(bytesPerMs: number, roundTripMs: number, ms: number) {
  const window = new PartWindow();
  let [free, taken, used, longest] = [0, 0, 0, 0];
  const arrivals: { at: number; total: number }[] = [];
  for (let now = 0; now < ms; now++) {
    while (arrivals.length > 0 && arrivals[0].at <= now) {
      window.taken(arrivals.shift()!.total, now, roundTripMs);
    }
    for (let room; (room = window.room) > 0;) {
      const start = Math.max(free, now);
      free = start + room / bytesPerMs;
      taken += room;
      arrivals.push({ at: free + roundTripMs, total: taken });
      window.sentPart(room, now);
      if (now > ms / 2) [used, longest] = [used + room, Math.max(longest, start - now)];
    }
  }
  return { share: used / (bytesPerMs * ms / 2), longest };
}

Deno.test({
  name: "PartWindow fills a link of any speed, and keeps its queue short",
  permissions: "none",
  fn() {
    for (const bytesPerMs of [62.5, 125, 1250, 12_500]) { // 0.5 to 100 Mbit/s
      for (const roundTripMs of [0, 5, 50, 150]) {
        const { share, longest } = send(bytesPerMs, roundTripMs, 20_000);
        const what = `${bytesPerMs} B/ms, ${roundTripMs} ms: ${share}, ${longest} ms`;
        assert(share > 0.9, what);
        assert(longest < 100, what);
      }
    }
  },
});

Deno.test({
  name: "PartWindow knows when nothing is taken any more, and ignores nonsense",
  permissions: "none",
  fn() {
    const window = new PartWindow();
    assertEquals(window.isStalled(1e6, 0), false);
    window.sentSound(100, 1000);
    assertEquals(window.isStalled(1300, 10), false);
    assertEquals(window.isStalled(1321, 10), true);
    window.taken(1e9, 1330, 10); // more than there was
    assertEquals(window.isStalled(1330, 10), true);
    window.taken(100, 1340, 10);
    window.taken(50, 1340, 10); // goes back
    assertEquals(window.isStalled(1e6, 10), false);
  },
});
