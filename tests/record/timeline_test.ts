// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Timeline } from "../../lib/record/timeline.ts";

/** What comes: time at the sender, on our clock if it is known, arrival; or another connection. */
type Step = [senderMs: number, capturedMs: number | undefined, arrivedMs: number] | "reset";

const CASES: { does: string; steps: Step[]; times: number[] }[] = [
  {
    does: "keeps the sender's spacing, whatever the estimate of its clock and the way do",
    steps: [[100, 1100, 1105], [133.25, 1139, 1180], [200, 1190, 1201]],
    times: [1100, 1133.25, 1200],
  },
  {
    does: "keeps gaps",
    steps: [[100, 1100, 1100], [50_100, 51_100, 51_100]],
    times: [1100, 51_100],
  },
  {
    does: "takes the arrival while nothing is known of the sender's clock, and only then",
    steps: [[100, undefined, 1130], [200, 1200, 1230], [300, undefined, 9000], [400, 1405, 1400]],
    times: [1130, 1200, 1300, 1400],
  },
  {
    does: "takes the times of a bare sender, which are arrivals",
    steps: [[1000, undefined, 1000], [1040, undefined, 1040.5]],
    times: [1000, 1040],
  },
  {
    does: "lets times grow by a millisecond at least",
    steps: [[100, 1100, 1100], [100, 1100, 1101], [90, 1090, 1102], [100.5, 1101, 1103], [
      150,
      1150,
      1150,
    ]],
    times: [1100, 1101, 1102, 1103, 1150],
  },
  {
    does: "is anchored again when the clocks disagree by more than a second",
    steps: [[100, 1100, 1100], [5000, 1140, 1141], [5040, 1180, 1181]],
    times: [1100, 1140, 1180],
  },
  {
    does: "bears less disagreement than that",
    steps: [[100, 1100, 1100], [200, 2199, 2200]],
    times: [1100, 1200],
  },
  {
    does: "is anchored again for each connection, and does not go back",
    steps: [[100, 1100, 1100], "reset", [7000, 1500, 1500], "reset", [1, 1400, 1400], [
      200,
      1599,
      1600,
    ]],
    times: [1100, 1500, 1501, 1599],
  },
];

for (const { does, steps, times } of CASES) {
  Deno.test({
    name: `Timeline ${does}`,
    permissions: "none",
    fn() {
      const timeline = new Timeline();
      const given = [];
      for (const step of steps) {
        if (step === "reset") timeline.reset();
        else given.push(timeline.timeOf(...step));
      }
      assertEquals(given, times);
    },
  });
}

Deno.test("Timeline does not believe times that cannot be", () => {
  for (const wrong of [1e300, -1e300, 1e12]) {
    const timeline = new Timeline();
    assertEquals(timeline.timeOf(0, 5000, 5010), 5000);
    assertEquals(timeline.timeOf(wrong, undefined, 5050), 5050);
    assertEquals(timeline.timeOf(100, 5100, 5110), 5100);
  }
});
