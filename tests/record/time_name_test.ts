// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { isTimeName, timeName } from "../../lib/record/time_name.ts";

Deno.test({
  name: "timeName() is the local time, and isTimeName() knows it",
  permissions: "none",
  fn() {
    const start = new Date(2026, 10, 1, 9, 6, 7).getTime();
    assertEquals(timeName(start, ".mkv"), "2026-11-01T09-06-07.mkv");
    assertEquals(timeName(start, ".mkv", 2), "2026-11-01T09-06-07-2.mkv");
    for (const attempt of [1, 2, 13]) {
      assertEquals(isTimeName(timeName(start, ".mkv", attempt), ".mkv"), true);
    }
    for (
      const other of [
        "",
        "holiday.mkv",
        "2026-11-01T09-06-07.mkv.bak",
        "x2026-11-01T09-06-07.mkv",
        "2026-11-01T09-06-07.mp4",
        "2026-11-01T09-06-07-.mkv",
      ]
    ) assertEquals(isTimeName(other, ".mkv"), false, other);
  },
});
