// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Pace, type PaceOptions, Watchdog } from "../../lib/capture/silence.ts";
import { Time } from "../support/time.ts";

/** The limit after pictures that came `waits` apart, in seconds. */
function limitAfter(waits: number[], options: PaceOptions = {}): number {
  const pace = new Pace(options);
  pace.start();
  let time = 0;
  for (const wait of waits) pace.picture(time += wait * 1000);
  return pace.limitMs / 1000;
}

Deno.test({
  name: "Pace waits longer for a source that is slow",
  permissions: "none",
  fn() {
    const slow = { mayBeSlow: true };
    const cases: [number[], PaceOptions, number][] = [
      [[], {}, 15],
      [[0], {}, 5],
      [[0, 0.03, 0.03], {}, 5],
      [[0, 8], {}, 24],
      // A picture a minute may be all that there is.
      [[], slow, 75],
      [[0], slow, 75],
      [[0, 0.03], slow, 5],
      [[0, 60, 60], slow, 180],
      // A rate that was asked for.
      [[0], { fps: 0.1 }, 25],
      [[], { fps: 0.1 }, 25],
      // The user's word.
      [[0, 8], { silenceMs: 10_000 }, 10],
      [[], { silenceMs: 2000 }, 15],
      [[], { silenceMs: 100_000 }, 100],
    ];
    for (const [waits, options, expected] of cases) {
      assertEquals(limitAfter(waits, options), expected, JSON.stringify([waits, options]));
    }
  },
});

Deno.test({
  name: "Pace forgets a single long wait, and remembers the pace over restarts",
  permissions: "none",
  fn() {
    const pace = new Pace();
    pace.start();
    [0, 60_000].forEach((time) => pace.picture(time));
    for (let frame = 1; frame <= 60; frame++) pace.picture(60_000 + frame * 33);
    assertEquals(pace.limitMs, 5000);
    [70_000, 80_000].forEach((time) => pace.picture(time));
    pace.start();
    assertEquals(pace.limitMs, 30_000);
    pace.picture(900_000); // the time between two captures is no pace
    assertEquals(pace.limitMs, 30_000);
  },
});

Deno.test("Watchdog counts the seconds in which nothing was heard", async () => {
  using time = new Time();
  const told: number[] = [];
  using watchdog = new Watchdog(() => 2000, (seconds) => told.push(seconds));
  await time.pass(2000);
  watchdog.heard();
  await time.pass(2000);
  assertEquals(told, []);
  await time.pass(1000);
  assertEquals(told, [2]);
  await time.pass(100_000);
  assertEquals(told, [2]);
  using _ = new Watchdog(() => Infinity, (seconds) => told.push(seconds));
  await time.pass(100_000);
  assertEquals(told, [2]);
});
