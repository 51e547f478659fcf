// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ClockSync, RoundTrip } from "../../lib/protocol/clock_sync.ts";
import { now } from "../../lib/base/clock.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("now() gives milliseconds since the epoch, and never goes back", () => {
  const times = Array.from({ length: 1000 }, now);
  assert(times.every((time, index) => index === 0 || time >= times[index - 1]));
  // Within a day of the system's clock, which may have been set meanwhile.
  assert(Math.abs(times[0] - Date.now()) < 86_400_000);
});

test("RoundTrip is the quickest of the latest pings", () => {
  const roundTrip = new RoundTrip();
  assertEquals(roundTrip.ms, undefined);
  for (const [asked, ms, expected] of [[1000, 20, 20], [2000, 200, 20], [3000, 2, 2]]) {
    roundTrip.answered(asked, asked + ms);
    assertEquals(roundTrip.ms, expected);
  }
  for (let time = 4000; time < 20_000; time += 1000) roundTrip.answered(time, time + 100);
  assertEquals(roundTrip.ms, 100, "routes change");
});

test("RoundTrip ignores answers to no question of ours", () => {
  const roundTrip = new RoundTrip();
  for (const [asked, received] of [[1000, 999], [0, 1e9], [-1e300, 0]]) {
    roundTrip.answered(asked, received);
  }
  assertEquals(roundTrip.ms, undefined);
});

test("ClockSync knows nothing before the first pong", () => {
  const clock = new ClockSync();
  assertEquals(clock.offsetMs, undefined);
  clock.ping(1000, 1010);
  assertEquals(clock.offsetMs, undefined);
});

test("ClockSync finds the offset of a peer, ahead or behind", () => {
  for (const offset of [0, 5000, -5000, 1e12]) {
    const clock = new ClockSync();
    // 10 ms there, 10 ms back.
    clock.pong(1000, 1010 + offset, 1020);
    assertEquals(clock.offsetMs, offset);
  }
});

test("ClockSync believes the quickest of the latest messages each way", () => {
  const clock = new ClockSync();
  clock.pong(1000, 1010 + 500, 1020);
  clock.pong(2000, 2190 + 500, 2200); // the way there waited in a queue
  assertEquals(clock.offsetMs, 500);
  clock.pong(3000, 3001 + 500, 3202); // the way back did
  clock.pong(4000, 4201 + 500, 4202); // the way there did
  assertEquals(clock.offsetMs, 500);
});

test("ClockSync is not fooled when every answer waits behind pictures, and pings do not", () => {
  const clock = new ClockSync();
  for (let time = 1000; time < 60_000; time += 1000) {
    clock.pong(time, time + 1 + 500, time + 180);
    clock.ping(time + 500, time + 1);
    assertEquals(clock.offsetMs, 500);
  }
});

test("ClockSync forgets old messages: routes change, and clocks drift", () => {
  const clock = new ClockSync();
  clock.pong(0, 1 + 500, 2);
  clock.ping(2 + 500, 3);
  for (let time = 1000; time < 101_000; time += 1000) clock.pong(time, time + 50 + 600, time + 100);
  assertEquals(clock.offsetMs, 600);
});

test("ClockSync ignores answers to no question of ours", () => {
  const clock = new ClockSync();
  clock.pong(1000, 500, 999);
  clock.pong(0, 500, 1e9);
  clock.pong(-1e300, 500, 0);
  assertEquals(clock.offsetMs, undefined);
});
