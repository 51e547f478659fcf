// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Histogram, Quantiles, Rate } from "../../lib/base/stats.ts";
import { fuzz } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

function quantilesOf(values: number[]): Quantiles {
  const quantiles = new Quantiles();
  for (const value of values) quantiles.add(value);
  return quantiles;
}

test("Quantiles.at() is undefined without values", () => {
  assertEquals(new Quantiles().at(0.5), undefined);
});

test("Quantiles.at() gives a value that the share does not exceed", () => {
  assertEquals(quantilesOf([7]).at(0.5), 7);
  assertEquals(quantilesOf([3, 1, 2]).at(0), 1);
  assertEquals(quantilesOf([3, 1, 2]).at(0.5), 2);
  assertEquals(quantilesOf([3, 1, 2]).at(1), 3);
  assertEquals(quantilesOf([100, 20, 3]).at(1), 100, "sorted as numbers, not as text");
  fuzz(200, (random) => {
    const values = Array.from({ length: 1 + random.below(500) }, () => random.below(1000));
    const quantiles = quantilesOf(values);
    for (const q of [0, 0.25, 0.5, 0.9, 0.99, 1]) {
      const value = quantiles.at(q)!;
      assert(values.includes(value));
      assert(values.filter((other) => other <= value).length >= q * values.length);
      assert(
        values.filter((other) => other >= value).length >= Math.floor((1 - q) * values.length),
      );
    }
  });
});

test("Quantiles keeps the latest 512 values", () => {
  const quantiles = quantilesOf(Array.from({ length: 2000 }, (_, index) => index));
  assertEquals([quantiles.at(0), quantiles.at(1)], [2000 - 512, 1999]);
});

test("Quantiles.clear() forgets all values", () => {
  const quantiles = quantilesOf([1, 2]);
  quantiles.clear();
  assertEquals(quantiles.at(1), undefined);
  quantiles.add(3);
  assertEquals(quantiles.at(0), 3);
});

test("Rate.next() gives the rate since the last call", () => {
  const rate = new Rate(1000);
  assertEquals(rate.next(30, 2000), 30);
  assertEquals(rate.next(45, 2500), 30);
  assertEquals(rate.next(45, 3500), 0);
  assertEquals(rate.next(75, 5500), 15);
});

test("Rate.next() gives 0 when no time has passed", () => {
  assertEquals(new Rate(1000).next(30, 1000), 0);
});

test("Histogram counts values up to each bound and above the last", () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [-1, 1, 1.5, 10, 11, 1000]) histogram.add(value);
  assertEquals(histogram.counts, [2, 2, 2]);
  assertEquals(histogram.sum, 1022.5);
});
