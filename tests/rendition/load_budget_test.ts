// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { LoadBudget } from "../../lib/rendition/load_budget.ts";

/** Pictures a second that get through, of those that come 30 times a second and take `ms` each. */
function rate(cores: number, ms: number): number {
  const budget = new LoadBudget(cores);
  let [pictures, freeAt] = [0, 0];
  for (let now = 0; now < 10_000; now += 1000 / 30) {
    if (now < freeAt) continue;
    pictures++;
    budget.spend(ms);
    freeAt = now + ms + budget.waitMs(now + ms);
  }
  return pictures / 10;
}

Deno.test({
  name: "LoadBudget lets every picture pass that fits, and as many as fit of the others",
  permissions: "none",
  fn() {
    assert(rate(1, 6) > 29.9);
    assert(rate(0.25, 6) > 29.9);
    const rates = [rate(0.25, 12), rate(0.05, 12)];
    assert(rates[0] > 15 && rates[0] < 25, `${rates}`); // 20.8 would be all of it
    assert(rates[1] > 3 && rates[1] < 8, `${rates}`);
  },
});

Deno.test({
  name: "LoadBudget saves up little",
  permissions: "none",
  fn() {
    const budget = new LoadBudget(0.5);
    assertEquals(budget.waitMs(0), 0);
    assertEquals(budget.waitMs(1e6), 0);
    budget.spend(300);
    assertEquals(budget.waitMs(1e6), 400);
  },
});

Deno.test({
  name: "LoadBudget starts and relieves one at a time",
  permissions: "none",
  fn() {
    const budget = new LoadBudget(1);
    assertEquals([0, 100, 199, 200, 250].map((now) => budget.mayStart(now)), [
      ...[true, false, false, true, false],
    ]);
    assertEquals([0, 999, 1000, 1500].map((now) => budget.mayRelieve(now)), [
      ...[true, false, true, false],
    ]);
  },
});
