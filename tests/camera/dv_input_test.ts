// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { parseTimings } from "../../lib/camera/dv_input.ts";

Deno.test({
  name: "parseTimings() reads the size at the input of an HDMI grabber",
  permissions: "none",
  fn() {
    const cases: [string, string | undefined][] = [
      ["\tActive width: 720\n\tActive height: 576\n\tTotal width: 864\n", "720x576"],
      ["DV timings:\n\tActive width: 0\n\tActive height: 0\n", undefined],
      ["VIDIOC_QUERY_DV_TIMINGS: failed: Inappropriate ioctl for device\n", undefined],
      ["", undefined],
    ];
    for (const [text, expected] of cases) assertEquals(parseTimings(text), expected, text);
  },
});
