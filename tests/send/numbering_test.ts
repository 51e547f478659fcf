// The numbers of a stream's frames.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Numbering } from "../../lib/send/numbering.ts";
import { Random } from "../support/random.ts";

Deno.test("Numbering counts frames of our own", () => {
  const numbers = new Numbering();
  assertEquals([numbers.next(), numbers.next(), numbers.next()], [0, 1, 2]);
});

Deno.test("Numbering keeps numbers from elsewhere, with their gaps, while they grow", () => {
  const numbers = new Numbering();
  assertEquals([5, 6, 9].map((seq) => numbers.keep(seq)), [5, 6, 9]);
  assertEquals([numbers.next(), numbers.next()], [10, 11]);
  assertEquals([30, 31].map((seq) => numbers.keep(seq)), [30, 31], "they have overtaken our own");
  assertEquals([0, 1, 4].map((seq) => numbers.keep(seq)), [32, 33, 36], "the sender was restarted");
  numbers.next();
  assertEquals([5, 6].map((seq) => numbers.keep(seq)), [38, 39], "one of our own came between");
});

Deno.test("Numbering gives whole numbers that grow, whatever it gets", () => {
  const random = new Random(14);
  const numbers = new Numbering();
  let last = -1;
  for (let count = 0; count < 10_000; count++) {
    const most = Number.MAX_SAFE_INTEGER;
    const seq = random.below(3) === 0
      ? most - random.below(10)
      : random.below(2) === 0
      ? random.below(1000)
      : Math.floor(most / 2 ** random.below(53));
    const number = random.below(4) === 0 ? numbers.next() : numbers.keep(seq);
    assert(number > last && number < 2 ** 48, `${number} after ${last}`);
    last = number;
  }
});
