// A short run of every target of `./denow task fuzz`, the same cases each time.

// @ts-types="../lib/std.d.ts"
import { assertThrows } from "@std/assert";
import { FuzzFailure, runCase } from "./fuzz/run.ts";
import { TARGETS } from "./fuzz/targets.ts";

/** Cases of each target: half a second or so. */
const CASES: Record<string, number> = {
  splitter: 300,
  codec: 300,
  control: 10_000,
  address: 5000,
  key: 3000,
  jpeg: 3000,
  request: 5000,
  websocket: 1000,
  phone: 300,
  dns: 3000,
  broker: 3000,
  redis: 3000,
  ogg: 500,
  opus: 300,
  share: 100,
};

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test({
    name: `${name} takes whatever comes`,
    permissions: "none",
    fn() {
      for (let seed = 0; seed < CASES[name]; seed++) runCase(name, target, seed);
    },
  });
}

Deno.test({
  name: "a failure names its target, its seed and its input",
  permissions: "none",
  fn() {
    const broken = {
      make: () => Uint8Array.of(1, 2, 3),
      check() {
        throw new TypeError("a bug");
      },
    };
    assertThrows(
      () => runCase("broken", broken, 42),
      FuzzFailure,
      "broken fails with seed 42: a bug\ninput AQID",
    );
  },
});
