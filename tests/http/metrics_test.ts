// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { Hub } from "../../lib/send/hub.ts";
import { figuresOf, metricsText } from "../../lib/http/metrics.ts";
import { Histogram } from "../../lib/base/stats.ts";
import { jpeg as picture } from "../support/jpegs.ts";

Deno.test("figuresOf() reports what a hub has done", () => {
  const hub = new Hub({ name: "door" });
  hub.publish(Frame.from(picture(), { time: 0 }));
  hub.lost("It was unplugged");
  assertEquals(figuresOf(hub), {
    name: "door",
    live: false,
    reason: "It was unplugged",
    viewers: 0,
    frames: 1,
    sent_bytes: 0,
    dropped_frames: 0,
    capture_restarts: 1,
    sound: null,
    latency_p50_ms: null,
    latency_p99_ms: null,
  });
});

Deno.test("metricsText() writes Prometheus's format", () => {
  const latencies = new Histogram([10, 50]);
  for (const ms of [4, 10, 20, 70.5]) latencies.add(ms);
  const figures = figuresOf(new Hub({ name: 'a "b" \\' }));
  const text = metricsText([{ figures, latencies }]);
  const camera = String.raw`camera="a \"b\" \\"`;
  assertStringIncludes(text, `\n# TYPE camcat_frames_total counter\n`);
  assertStringIncludes(text, `\ncamcat_frames_total{${camera}} 0\n`);
  assertEquals(text.split("\n").filter((line) => line.startsWith("camcat_latency")), [
    `camcat_latency_seconds_bucket{${camera},le="0.01"} 2`,
    `camcat_latency_seconds_bucket{${camera},le="0.05"} 3`,
    `camcat_latency_seconds_bucket{${camera},le="+Inf"} 4`,
    `camcat_latency_seconds_sum{${camera}} 0.1045`,
    `camcat_latency_seconds_count{${camera}} 4`,
  ]);
});
