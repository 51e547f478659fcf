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
    assertEquals(timeName(start, ".mkv", 1, "Door bell!"), "2026-11-01T09-06-07_door-bell.mkv");
    assertEquals(timeName(start, ".mkv", 2, "Tür 2"), "2026-11-01T09-06-07_tür-2-2.mkv");
    assertEquals(timeName(start, ".mkv", 1, "../*"), "2026-11-01T09-06-07.mkv");
    assertEquals(timeName(start, ".mkv", 1, "x".repeat(100)).length, 64);
    for (const attempt of [1, 2, 13]) {
      for (const reason of ["", "door", "Tür 2"]) {
        assertEquals(isTimeName(timeName(start, ".mkv", attempt, reason), ".mkv"), true, reason);
      }
    }
    for (
      const other of [
        "",
        "holiday.mkv",
        "2026-11-01T09-06-07.mkv.bak",
        "x2026-11-01T09-06-07.mkv",
        "2026-11-01T09-06-07.mp4",
        "2026-11-01T09-06-07-.mkv",
        "2026-11-01T09-06-07-kept.mkv",
        "2026-11-01T09-06-07_.mkv",
      ]
    ) assertEquals(isTimeName(other, ".mkv"), false, other);
  },
});
