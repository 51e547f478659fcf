// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { SoundClock } from "../../lib/sound/sound_clock.ts";

/** The epoch of the system clock, and of ours, which runs 30 s behind it. */
const SYSTEM = 1_790_000_000_000;
const OURS = SYSTEM - 30_000;

Deno.test({
  name: "SoundClock takes times of the system clock as they are, on our clock",
  permissions: "none",
  fn() {
    const clock = new SoundClock();
    for (const [recorded, arrived] of [[0, 400], [10, 405], [20, 60], [1000, 1015]]) {
      const time = clock.timeOf(SYSTEM + recorded, OURS + arrived, SYSTEM + arrived);
      assertEquals(time, OURS + recorded);
    }
    // The system clock is set an hour forward: the times at which packets come still say enough.
    const hour = 3_600_000;
    assertEquals(clock.timeOf(SYSTEM + 2000, OURS + 2015, SYSTEM + hour + 2015), OURS + 2015);
    assertEquals(clock.timeOf(SYSTEM + 2010, OURS + 2035, SYSTEM + hour + 2035), OURS + 2025);
  },
});

Deno.test({
  name: "SoundClock takes the packets that come quickest as new, for other sources",
  permissions: "none",
  fn() {
    const clock = new SoundClock();
    const timeOf = (source: number, arrived: number) =>
      clock.timeOf(source, OURS + arrived, SYSTEM + arrived) - OURS;
    assertEquals(timeOf(0, 100), 100);
    assertEquals(timeOf(10, 150), 110); // late
    assertEquals(timeOf(20, 115), 115); // quicker than all before
    assertEquals(timeOf(30, 200), 125);
    // The source falls behind by 500 ms and stays there: after a while that is how it is.
    assertEquals(timeOf(2000, 2595), 2095);
    assertEquals(timeOf(4100, 4695), 4695);
    assertEquals(timeOf(4110, 4730), 4705);
  },
});
