import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { PlayerClock } from "../../lib/playback/player_clock.ts";

/** A player that begins after a while and then plays what it has, with reports. */
function simulate(
  clock: PlayerClock,
  { forMs, beginsMs, needsMs = 0, reportMs = 50, rate = 1 }: {
    forMs: number;
    /** When it begins. */
    beginsMs: number;
    /** It plays only while more than this waits in it. */
    needsMs?: number;
    reportMs?: number;
    /** Its speed. */
    rate?: number;
  },
) {
  let [written, heard, waiting] = [0, 0, 0];
  for (let now = 0; now < forMs; now += 5) {
    if (now >= beginsMs && written - heard > needsMs) heard = Math.min(written, heard + 5 * rate);
    if (now % reportMs === 0 && heard > 0) clock.report(heard, now);
    const room = clock.roomMs(now);
    if (room > 0) clock.wrote(room, now);
    written += room;
    waiting = written - heard;
  }
  return { waiting, written, heard };
}

Deno.test("PlayerClock gives a player no more than the margin while it starts", () => {
  const clock = new PlayerClock(30, 0);
  const { written } = simulate(clock, { forMs: 2000, beginsMs: Infinity });
  assertEquals(written, 30);
  assert(!clock.hasBegun);
});

Deno.test("PlayerClock keeps the margin in a player of any speed", () => {
  for (const rate of [1, 1.001, 0.999]) {
    const clock = new PlayerClock(30, 0);
    const { waiting, heard } = simulate(clock, { forMs: 600_000, beginsMs: 1000, rate });
    assertAlmostEquals(waiting, 30, 6);
    assertAlmostEquals(heard, 599_000 * rate, 200);
    assertAlmostEquals(clock.waitingMs(600_000), waiting, 6);
  }
});

Deno.test("PlayerClock gives more to a player that does not go on", () => {
  const clock = new PlayerClock(30, 0);
  const { heard } = simulate(clock, { forMs: 60_000, beginsMs: 500, needsMs: 50 });
  assert(heard > 50_000, `${heard} ms heard`);
});

Deno.test("PlayerClock gives nothing more to a player that hangs", () => {
  const clock = new PlayerClock(30, 0);
  clock.wrote(30, 0);
  clock.report(20, 100);
  let written = 30;
  for (let now = 100; now < 60_000; now += 5) {
    const room = clock.roomMs(now);
    clock.wrote(room, now);
    written += room;
  }
  assert(written < 300, `${written} ms written`);
  assertEquals(clock.stalledMs(60_000), 59_900);
});

Deno.test("PlayerClock gives more after the player has run short, and less again later", () => {
  const clock = new PlayerClock(30, 0);
  for (let count = 0; count < 3; count++) clock.ranShort(0); // of one stop
  assertEquals(clock.marginMs, 40);
  simulate(clock, { forMs: 30_000, beginsMs: 0 });
  assertAlmostEquals(clock.marginMs, 30 + 10 / Math.E, 0.1);
  for (let count = 0; count < 1000; count++) clock.ranShort(100_000 + 2000 * count);
  assertEquals(clock.marginMs, 150);
});
