// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { Naming } from "../../lib/record/naming.ts";

const START = new Date(2026, 10, 1, 9, 6, 7).getTime();

Deno.test({
  name: "Naming makes names of the local time, and knows them again",
  permissions: "none",
  fn() {
    const naming = new Naming();
    assertEquals(naming.name(START + 900, ".mkv"), "2026-11-01T09-06-07.mkv");
    assertEquals(naming.name(START, ".mkv", 2), "2026-11-01T09-06-07-2.mkv");
    assertEquals(naming.name(START, ".mkv", 1, "Door bell!"), "2026-11-01T09-06-07_door-bell.mkv");
    assertEquals(naming.name(START, ".mkv", 2, "Tür 2"), "2026-11-01T09-06-07_tür-2-2.mkv");
    assertEquals(naming.name(START, ".mkv", 1, "../*"), "2026-11-01T09-06-07.mkv");
    assertEquals(naming.name(START, ".mkv", 1, "x".repeat(100)).length, 64);
    for (const attempt of [1, 2, 13]) {
      for (const [reason, read] of [["", ""], ["door", "door"], ["Tür 2", "tür-2"]]) {
        const parts = naming.read(naming.name(START, ".mkv", attempt, reason), ".mkv");
        // A number at the end of a reason looks like that of a second file.
        const expected = attempt === 1 ? read.replace(/-2$/, "") : read;
        assertEquals(parts, { timeMs: START, reason: expected }, `${reason} ${attempt}`);
      }
    }
    for (
      const other of [
        "",
        "holiday.mkv",
        "2026-11-01T09-06-07.mkv.bak",
        "x2026-11-01T09-06-07.mkv",
        "x/2026-11-01T09-06-07.mkv",
        "2026-11-01T09-06-07.mp4",
        "2026-11-01T09-06-07-.mkv",
        "2026-11-01T09-06-07-kept.mkv",
        "2026-11-01T09-06-07_.mkv",
        "2026-13-01T09-06-07.mkv",
      ]
    ) assertEquals(naming.read(other, ".mkv"), undefined, other);
  },
});

Deno.test({
  name: "Naming follows a pattern with folders, and UTC",
  permissions: "none",
  fn() {
    const naming = new Naming({ pattern: "%Y/%m/%d/Hof (alt) %H.%M.%S".replace(/[()]/g, "-") });
    const name = naming.name(START, ".mkv", 3, "door");
    assertEquals(name, "2026/11/01/Hof -alt- 09.06.07_door-3.mkv");
    assertEquals(naming.read(name, ".mkv"), { timeMs: START, reason: "door" });
    assertEquals(naming.depth, 3);
    assertEquals(naming.read(name.replaceAll(".06.", "x06x"), ".mkv"), undefined, "a dot is a dot");
    const utc = new Naming({ pattern: "%Y%m%d-%H%M%S", isUtc: true });
    const midnight = Date.UTC(2026, 0, 1);
    assertEquals(utc.name(midnight, ".jpg"), "20260101-000000.jpg");
    assertEquals(utc.read("20260101-000000.jpg", ".jpg"), { timeMs: midnight, reason: "" });
  },
});

Deno.test({
  name: "Naming refuses patterns that are dangerous or do not tell the time",
  permissions: "none",
  fn() {
    const all = "%Y%m%d%H%M%S";
    for (
      const pattern of [
        "",
        "%Y-%m-%d",
        `/${all}`,
        `../${all}`,
        `a/./${all}`,
        `a//${all}`,
        `${all}/`,
        `.${all}`,
        `${all}%S`,
        `${all}%s`,
        `${all}%`,
        `${all}\\x`,
        `${all}:`,
        `${all}\0`,
        "x".repeat(100) + all,
      ]
    ) assertThrows(() => new Naming({ pattern }), UsageError, "it must", pattern);
    assertThrows(() => new Naming({ pattern: `a./${all}` }), UsageError, "received");
  },
});
