// The choice of the phone's page: which pictures get through.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Coarseness } from "../../lib/http/phone_page/coarseness.js";

/** What a line lets through of a camera of 30 fps, whose whole pictures have 100 units. */
function watch(seconds: number, unitsOf: (second: number) => number) {
  const coarseness = new Coarseness();
  const rates: number[] = [];
  const areas: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const { quality, scale } = coarseness.factors;
    areas.push(quality * scale ** 2);
    const sent = Math.min(30, Math.floor(unitsOf(second) / (100 * quality * scale ** 2)));
    rates.push(sent);
    coarseness.second(30, sent);
  }
  return { rates, areas };
}

Deno.test("Coarseness leaves pictures as they are where nearly all get through, or enough", () => {
  for (const units of [3000, 1600]) {
    assertEquals(new Set(watch(60, () => units).areas), new Set([1]));
  }
});

Deno.test("Coarseness soon has 15 pictures a second, and keeps them", () => {
  for (const units of [1000, 500, 250]) {
    const { rates } = watch(200, () => units);
    assert(rates.slice(8).filter((rate) => rate < 15).length < 8, `${units}: ${rates}`);
  }
});

Deno.test("Coarseness returns to whole pictures when the line is good again", () => {
  const { areas } = watch(200, (second) => second < 20 ? 300 : 10_000);
  assert(areas[19] < 0.3, `${areas}`);
  assertEquals(areas.at(-1), 1);
  assert(areas.indexOf(1, 20) < 60, `${areas}`);
});

Deno.test("Coarseness does its best where nothing is enough, and for a slow camera nothing", () => {
  assert(watch(20, () => 10).areas.at(-1)! < 0.05);
  const coarseness = new Coarseness();
  for (let second = 0; second < 20; second++) coarseness.second(5, 5);
  assertEquals(coarseness.factors, { quality: 1, scale: 1 });
});
