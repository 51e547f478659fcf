// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import {
  formatBytes,
  formatDuration,
  formatMs,
  parseBytes,
  parseDuration,
  parseLevel,
  rounded,
} from "../../lib/base/quantity.ts";

Deno.test("parseDuration() parses a number and a unit", () => {
  const cases: [string, number][] = [
    ["10s", 10_000],
    ["0.5s", 500],
    ["5m", 300_000],
    ["2 h", 7_200_000],
    ["7D", 604_800_000],
  ];
  for (const [text, ms] of cases) assertEquals(parseDuration(text), ms, text);
  for (const text of ["", "10", "s", "0s", "-1s", "1e3s", "10 minutes", "1h30m", "NaNs"]) {
    assertThrows(() => parseDuration(text), UsageError, "it must be a duration", text);
  }
});

Deno.test("parseLevel() parses decibels below the loudest possible", () => {
  for (const text of ["30", "30dB", "30 dB", "-30"]) assertEquals(parseLevel(text), -30, text);
  assertEquals(parseLevel("0"), 0);
  for (const text of ["", "127", "3.5", "--3", "loud", "30 %"]) {
    assertThrows(() => parseLevel(text), UsageError, "it must be decibels below", text);
  }
});

Deno.test("parseBytes() parses decimal units", () => {
  const cases: [string, number][] = [["1kB", 1000], ["1.5MB", 1_500_000], ["20gb", 2e10], [
    "1TB",
    1e12,
  ]];
  for (const [text, bytes] of cases) assertEquals(parseBytes(text), bytes, text);
  for (const text of ["", "20", "GB", "0MB", "20GiB", "7d"]) {
    assertThrows(() => parseBytes(text), UsageError, "it must be a size", text);
  }
});

Deno.test("formatBytes() and formatDuration() are short", () => {
  const bytes: [number, string][] = [[0, "0 bytes"], [999, "999 bytes"], [1000, "1.0 kB"], [
    1.25e9,
    "1.3 GB",
  ]];
  for (const [value, text] of bytes) assertEquals(formatBytes(value), text);
  const times: [number, string][] = [[0, "0:00"], [59_999, "0:59"], [62_000, "1:02"], [
    3_909_000,
    "1:05:09",
  ]];
  for (const [value, text] of times) assertEquals(formatDuration(value), text);
});

Deno.test("formatMs() and rounded() keep the significant digits", () => {
  const cases: [number | undefined, string][] = [
    [0.4249, "0.42 ms"],
    [12.34, "12.3 ms"],
    [179.6, "180 ms"],
    [undefined, "-"],
  ];
  for (const [ms, text] of cases) assertEquals(formatMs(ms), text);
  assertEquals([rounded(1.23456), rounded(undefined)], [1.235, null]);
});
