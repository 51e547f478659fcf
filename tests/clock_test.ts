// @ts-types="../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ClockSync, now } from "../lib/clock.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("now() gives milliseconds since the epoch, and never goes back", () => {
  const times = Array.from({ length: 1000 }, now);
  assert(times.every((time, index) => index === 0 || time >= times[index - 1]));
  // Within a day of the system's clock, which may have been set meanwhile.
  assert(Math.abs(times[0] - Date.now()) < 86_400_000);
});

test("ClockSync knows nothing before the first pong", () => {
  const clock = new ClockSync();
  assertEquals([clock.roundTripMs, clock.offsetMs], [undefined, undefined]);
});

test("ClockSync finds the offset of a peer, ahead or behind", () => {
  for (const offset of [0, 5000, -5000, 1e12]) {
    const clock = new ClockSync();
    // 10 ms there, 10 ms back.
    clock.pong(1000, 1010 + offset, 1020);
    assertEquals([clock.roundTripMs, clock.offsetMs], [20, offset]);
  }
});

test("ClockSync believes the quickest of the latest pongs", () => {
  const clock = new ClockSync();
  clock.pong(1000, 1010 + 500, 1020);
  clock.pong(2000, 2190 + 500, 2200); // the way there waited in a queue
  assertEquals([clock.roundTripMs, clock.offsetMs], [20, 500]);
  clock.pong(3000, 3001 + 500, 3002);
  assertEquals([clock.roundTripMs, clock.offsetMs], [2, 500]);
});

test("ClockSync forgets old pongs: routes change, and clocks drift", () => {
  const clock = new ClockSync();
  clock.pong(0, 1 + 500, 2);
  for (let time = 1000; time < 101_000; time += 1000) clock.pong(time, time + 50 + 600, time + 100);
  assertEquals([clock.roundTripMs, clock.offsetMs], [100, 600]);
});

test("ClockSync ignores answers to no question of ours", () => {
  const clock = new ClockSync();
  clock.pong(1000, 500, 999);
  clock.pong(0, 500, 1e9);
  clock.pong(-1e300, 500, 0);
  assertEquals(clock.roundTripMs, undefined);
});
