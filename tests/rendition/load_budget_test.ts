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
  name: "LoadBudget starts one encoder at a time, and those that are not needed only in spare time",
  permissions: "none",
  fn() {
    const budget = new LoadBudget(1);
    assertEquals([0, 100, 199, 200, 250].map((now) => budget.mayStart(now)), [
      ...[true, false, false, true, false],
    ]);
    budget.spend(1000);
    assertEquals([budget.mayStart(500, false), budget.mayStart(500, true)], [false, true]);
    assertEquals(budget.mayStart(2000, false), true);
  },
});

Deno.test({
  name: "LoadBudget leaves a machine alone that is short of time, for longer each time",
  permissions: "none",
  fn() {
    const budget = new LoadBudget(1);
    let now = 0;
    /** How long after encoders did not keep up, and go on not to. */
    const shortMs = () => {
      for (const since = now;; now += 1000) {
        if (now > since && !budget.isShort(now)) return now - since;
        if (now - since < 5000) budget.tellShort(now);
        if (now - since < 5000) assert(!budget.mayStart(now, false) && budget.isShort(now));
      }
    };
    assertEquals([shortMs(), shortMs(), shortMs()], [30_000, 60_000, 120_000]);
    now += 1000_000;
    assertEquals(shortMs(), 30_000);
  },
});
