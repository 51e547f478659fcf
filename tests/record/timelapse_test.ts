// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { parseFrequency } from "../../lib/base/quantity.ts";
import { RecordingOutput } from "../../lib/record/recording_output.ts";
import { Timelapse } from "../../lib/record/timelapse.ts";
import { Folder } from "../support/folder.ts";

Deno.test({
  name: "Timelapse takes one picture in a while, and 25 make a second",
  permissions: "none",
  fn() {
    const lapse = new Timelapse(1000);
    const arrivals = [5000, 5999, 6000, 6500, 7100, 7900, 8000, 20_500, 20_900, 21_000];
    const times = arrivals.map((now) => lapse.timeOf(now));
    const none = undefined;
    assertEquals(times, [5000, none, 5040, none, 5080, none, 5120, 5160, none, 5200]);
    assertEquals(lapse.nextMs, 5240);
  },
});

Deno.test("parseFrequency() reads how often", () => {
  const cases: [string, number][] = [["1/min", 60_000], ["4/h", 900_000], ["25/s", 40], [
    "1/d",
    864e5,
  ]];
  for (const [text, ms] of cases) assertEquals(parseFrequency(text), ms, text);
  for (const text of ["", "0/min", "26/s", "1/week", "min", "1", "-1/s", "1.5/s"]) {
    assertThrows(() => parseFrequency(text), UsageError, "how often", text);
  }
});

Deno.test("RecordingOutput refuses a time lapse in a folder", async () => {
  await using folder = new Folder();
  const begin = () => new RecordingOutput(`${folder.path}/`, { timelapseMs: 1000 });
  assertThrows(begin, UsageError, "it makes one file");
});
