/**
 * Figures of the cameras, for other programs.
 *
 * @module
 */

import type { Hub } from "../send/hub.ts";
import { rounded } from "../base/quantity.ts";
import type { Histogram } from "../base/stats.ts";

/** Figures of a camera since the start of the sender; {@linkcode figuresOf} a hub. */
export interface Figures {
  /** The camera's name. */
  name: string;
  /** False while the capture is lost. */
  live: boolean;
  /** Why it is not live; empty when it is. */
  reason: string;
  /** How many watch. */
  viewers: number;
  /** Frames captured. */
  frames: number;
  /** Bytes of frames handed to the network. */
  sent_bytes: number;
  /** Frames that some viewer was not sent. */
  dropped_frames: number;
  /** How often a lost capture was started again. */
  capture_restarts: number;
  /** The median of the latest times from capture to display, null without any. */
  latency_p50_ms: number | null;
  /** What 99 % of these do not exceed. */
  latency_p99_ms: number | null;
}

/** The figures of a hub, now. */
export function figuresOf(hub: Hub): Figures {
  const { stream: { name, live, reason }, viewers, totals, latencyMs } = hub;
  return {
    name,
    live,
    reason,
    viewers,
    frames: totals.frames,
    sent_bytes: totals.sentBytes,
    dropped_frames: totals.droppedFrames,
    capture_restarts: totals.restarts,
    latency_p50_ms: rounded(latencyMs.at(0.5)),
    latency_p99_ms: rounded(latencyMs.at(0.99)),
  };
}

/** What each figure is called and means to Prometheus. */
const METRICS: [keyof Figures, name: string, type: "counter" | "gauge", help: string][] = [
  ["live", "camcat_live", "gauge", "Whether the capture gives pictures, or is waited for."],
  ["viewers", "camcat_viewers", "gauge", "Viewers connected."],
  ["frames", "camcat_frames_total", "counter", "Frames captured."],
  ["sent_bytes", "camcat_sent_bytes_total", "counter", "Bytes of frames sent to viewers."],
  ["dropped_frames", "camcat_dropped_frames_total", "counter", "Frames some viewer was not sent."],
  [
    "capture_restarts",
    "camcat_capture_restarts_total",
    "counter",
    "How often a lost capture was started again.",
  ],
];

/** The type of {@linkcode metricsText}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes figures in Prometheus's text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * @param cameras each with its times from capture to display, in milliseconds
 */
export function metricsText(cameras: { figures: Figures; latencies: Histogram }[]): string {
  const lines: string[] = [];
  for (const [key, name, type, help] of METRICS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { figures } of cameras) {
      lines.push(`${name}{${label(figures.name)}} ${Number(figures[key])}`);
    }
  }
  const name = "camcat_latency_seconds";
  lines.push(
    `# HELP ${name} Times from capture to display, as viewers acknowledge frames.`,
    `# TYPE ${name} histogram`,
  );
  for (const { figures, latencies } of cameras) {
    const camera = label(figures.name);
    let count = 0;
    for (const [index, inThis] of latencies.counts.entries()) {
      count += inThis;
      const bound = latencies.bounds[index];
      const le = bound === undefined ? "+Inf" : `${bound / 1000}`;
      lines.push(`${name}_bucket{${camera},le="${le}"} ${count}`);
    }
    lines.push(
      `${name}_sum{${camera}} ${latencies.sum / 1000}`,
      `${name}_count{${camera}} ${count}`,
    );
  }
  return lines.join("\n") + "\n";
}

function label(camera: string): string {
  return `camera="${camera.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
