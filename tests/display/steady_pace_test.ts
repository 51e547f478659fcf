// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { SteadyPace } from "../../lib/display/steady_pace.ts";

/** When pictures leave at 25 fps, that come at `arrivals`; each with the time that it has waited. */
function leave(arrivals: number[], untilMs: number) {
  const pace = new SteadyPace(25);
  const left: { at: number; waited: number | undefined }[] = [];
  const due = [...arrivals];
  let waiting: number | undefined;
  let hasWaited = false;
  for (let at = 0; at < untilMs; at++) {
    while (due.length > 0 && due[0] <= at) {
      waiting = due.shift();
      hasWaited = false;
    }
    if (pace.waitMs(waiting !== undefined, at) > 0) {
      hasWaited = waiting !== undefined;
      continue;
    }
    pace.left(at, hasWaited);
    left.push({ at, waited: waiting === undefined ? undefined : at - waiting });
    waiting = undefined;
    hasWaited = false;
  }
  return left;
}

/** Times from 0 to 4 s, so many a second. */
function every(fps: number): number[] {
  return Array.from({ length: 4 * fps }, (_, index) => index * 1000 / fps);
}

Deno.test("SteadyPace holds the rate, whatever comes", () => {
  for (const fps of [1, 7, 15, 24, 25, 30, 60]) {
    const { length } = leave(every(fps), 4000);
    assert(Math.abs(length - 100) <= 3, `${length} pictures in 4 s of a source of ${fps} fps`);
  }
});

Deno.test("SteadyPace lets new pictures go at once, unless they come faster than the rate", () => {
  for (const fps of [1, 7, 15, 24, 25]) {
    const waits = leave(every(fps), 4000).flatMap(({ waited }) => waited ?? []);
    assert(waits.length >= 4 * fps - 1, `${waits.length} new pictures of ${4 * fps}`);
    assertEquals(waits.filter((ms) => ms > 1), [], `${fps} fps`);
  }
});

Deno.test("SteadyPace makes pictures wait after a burst, and then less and less", () => {
  const waits = leave([0, 1, 2, ...every(25).map((ms) => ms + 48)], 4000)
    .flatMap(({ waited }) => waited ?? []);
  assert(waits[2] > 20, `${waits.slice(0, 5)}`);
  assert(waits.slice(-10).every((ms) => ms <= 1), `${waits.slice(-10)}`);
});

Deno.test("SteadyPace does not make up for a pause", () => {
  const pace = new SteadyPace(25);
  pace.left(0, false);
  pace.left(5000, false);
  assertEquals(pace.waitMs(false, 5000), 40);
});
