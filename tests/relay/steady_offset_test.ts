// The difference of two clocks, without the jitter of its measurement.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { SteadyOffset } from "../../lib/relay/steady_offset.ts";
import { Random } from "../support/random.ts";

Deno.test("SteadyOffset begins with the first estimate, and follows others slowly", () => {
  const offset = new SteadyOffset();
  assertEquals(offset.follow(5000, 0), 5000);
  assertEquals(offset.follow(5010, 1000), 5001);
  assertEquals(offset.follow(5010, 1500), 5001.5);
  assertEquals(offset.follow(5001, 2000), 5001);
  assertEquals(offset.follow(4990, 3000), 5000);
  assertEquals(offset.follow(5060, 3000), 5060, "a much better estimate");
});

Deno.test("SteadyOffset keeps the intervals of pictures to a thousandth, and drifts with the clock", () => {
  const random = new Random(3);
  const offset = new SteadyOffset();
  let last = 0;
  for (let at = 0; at < 600_000; at += 40) {
    const drift = at * 50e-6; // a poor quartz
    const value = offset.follow(drift + random.below(100) / 20, at);
    if (at > 0) assert(Math.abs(value - last) <= 0.0401, `${value - last} ms in 40 ms`);
    assert(at < 5000 || Math.abs(value - drift - 2.5) < 2.5, `${value} instead of ${drift}`);
    last = value;
  }
});
