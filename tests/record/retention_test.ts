// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { expired, retention } from "../../lib/record/retention.ts";

/** Segments a, b, c, ... of 10 bytes that end at 100, 200, 300, ... */
const SEGMENTS = ["a", "b", "c", "d"].map((name, index) => ({
  name,
  bytes: 10,
  endMs: (index + 1) * 100,
}));
const NOW = 450;

const CASES: {
  keeps: string;
  kept: { bytes: number } | { ms: number };
  open?: string;
  gone: string;
}[] = [
  { keeps: "all within the size", kept: { bytes: 40 }, gone: "" },
  { keeps: "whole segments", kept: { bytes: 39 }, gone: "a" },
  { keeps: "the newest", kept: { bytes: 20 }, gone: "ab" },
  { keeps: "nothing where nothing fits", kept: { bytes: 5 }, gone: "abcd" },
  { keeps: "what is being written, and counts it", kept: { bytes: 5 }, open: "d", gone: "abc" },
  {
    keeps: "what is being written, though it is the oldest",
    kept: { bytes: 30 },
    open: "a",
    gone: "b",
  },
  { keeps: "what is young enough", kept: { ms: 250 }, gone: "a" },
  { keeps: "what has just ended then", kept: { ms: 350 }, gone: "" },
  { keeps: "nothing that is too old", kept: { ms: 10 }, gone: "abcd" },
  { keeps: "what is being written, though it is old", kept: { ms: 10 }, open: "d", gone: "abc" },
];

for (const { keeps, kept, open, gone } of CASES) {
  Deno.test({
    name: `expired() keeps ${keeps}`,
    permissions: "none",
    fn() {
      for (const segments of [SEGMENTS, SEGMENTS.toReversed()]) {
        assertEquals(expired(segments, kept, (name) => name === open, NOW), [...gone]);
      }
    },
  });
}

Deno.test({
  name: "retention() reads sizes and times",
  permissions: "none",
  fn() {
    assertEquals(retention("20GB"), { bytes: 20e9 });
    assertEquals(retention("7d"), { ms: 7 * 86_400_000 });
    for (const wrong of ["", "20", "7x", "-1d", "all"]) {
      assertThrows(
        () => retention(wrong),
        UsageError,
        "it must be a size such as 20GB or a time such as 7d",
      );
    }
  },
});
