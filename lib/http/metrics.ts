/**
 * Figures about the cameras, as JSON and in Prometheus's format.
 *
 * @module
 */

import type { SoundChannel } from "../send/sound_channel.ts";
import type { Hub } from "../send/hub.ts";
import { rounded } from "../base/quantity.ts";
import type { Histogram } from "../base/stats.ts";

/** Figures about one camera since the sender started. */
export interface Figures {
  /** The camera's name. */
  name: string;
  /** False while the capture is lost. */
  live: boolean;
  /** Why it is not live; empty when it is. */
  reason: string;
  /** Viewers connected now. */
  viewers: number;
  /** Frames captured. */
  frames: number;
  /** Bytes of frames handed to the network. */
  sent_bytes: number;
  /** Frames that were not sent to a viewer, counted once per viewer. */
  dropped_frames: number;
  /** How often a lost capture was restarted. */
  capture_restarts: number;
  /** Its sound; null if it has none. */
  sound: SoundFigures | null;
  /** The median of the latest times from capture to display, in milliseconds; null if there are none. */
  latency_p50_ms: number | null;
  /** The 99th percentile of these times. */
  latency_p99_ms: number | null;
}

/** Figures about the sound of a camera. */
export interface SoundFigures {
  /** False while it is lost, or the microphone is closed because nobody listens. */
  live: boolean;
  /** Why it is lost; empty when it is not. */
  reason: string;
  /** How loud it is now, in decibels: 0 is the loudest possible, -127 silence. */
  level_db: number;
  /** Viewers that listen. */
  listeners: number;
  /** Packets recorded. */
  packets: number;
  /** Packets that came too late for a viewer, counted once per viewer. */
  dropped_packets: number;
}

/** The current figures of a hub. */
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
    sound: soundFiguresOf(hub.sound),
    latency_p50_ms: rounded(latencyMs.at(0.5)),
    latency_p99_ms: rounded(latencyMs.at(0.99)),
  };
}

function soundFiguresOf(sound: SoundChannel): SoundFigures | null {
  const { state, level, viewers: listeners, packets, dropped } = sound;
  if (state === undefined) return null;
  const { live, reason } = state;
  return { live, reason, level_db: -level, listeners, packets, dropped_packets: dropped };
}

/** Name, type and help text of each figure for Prometheus. */
const METRICS: [keyof Figures, name: string, type: "counter" | "gauge", help: string][] = [
  ["live", "camcat_live", "gauge", "1 unless the capture is lost."],
  ["viewers", "camcat_viewers", "gauge", "Viewers connected."],
  ["frames", "camcat_frames_total", "counter", "Frames captured."],
  ["sent_bytes", "camcat_sent_bytes_total", "counter", "Bytes of frames sent to viewers."],
  ["dropped_frames", "camcat_dropped_frames_total", "counter", "Frames not sent to a viewer."],
  [
    "capture_restarts",
    "camcat_capture_restarts_total",
    "counter",
    "Restarts of a lost capture.",
  ],
];

/** The same of each figure about sound, for cameras that have some. */
const SOUND_METRICS: [keyof SoundFigures, name: string, type: "counter" | "gauge", help: string][] =
  [
    ["live", "camcat_sound_live", "gauge", "1 while sound is recorded."],
    ["level_db", "camcat_sound_level_db", "gauge", "How loud it is; 0 is the loudest possible."],
    ["listeners", "camcat_sound_listeners", "gauge", "Viewers that listen."],
    ["packets", "camcat_sound_packets_total", "counter", "Packets of sound recorded."],
    [
      "dropped_packets",
      "camcat_sound_dropped_packets_total",
      "counter",
      "Packets of sound that came too late for a viewer.",
    ],
  ];

/** The media type of {@linkcode metricsText}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes figures in Prometheus's text format
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * @param cameras the figures of each, and its times from capture to display in milliseconds
 */
export function metricsText(cameras: { figures: Figures; latencies: Histogram }[]): string {
  const lines: string[] = [];
  for (const [key, name, type, help] of METRICS) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { figures } of cameras) {
      lines.push(`${name}{${label(figures.name)}} ${Number(figures[key])}`);
    }
  }
  const heard = cameras.filter(({ figures }) => figures.sound !== null);
  for (const [key, name, type, help] of heard.length > 0 ? SOUND_METRICS : []) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { figures } of heard) {
      lines.push(`${name}{${label(figures.name)}} ${Number(figures.sound![key])}`);
    }
  }
  const name = "camcat_latency_seconds";
  lines.push(
    `# HELP ${name} Time from capture to display, from the acknowledgements of viewers.`,
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
