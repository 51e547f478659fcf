/**
 * A viewer that remembers when each frame was captured and when it came.
 *
 * @module
 */

import type { Seen } from "./peers/viewer.ts";
import { Program } from "./program.ts";

export type { Seen } from "./peers/viewer.ts";

/** Options of {@linkcode watch}. */
export interface WatchOptions {
  /** Where the sender is; by default on this machine. */
  hostname?: string;
  /** What starts the viewer: `ip netns exec NAME`, for one. */
  through?: string[];
  /** Frames of the first seconds are left out. @default {3} */
  settleSeconds?: number;
  /** How long to watch then. */
  seconds: number;
}

/** Watches a sender for some seconds, from a process started for that. */
export async function watch(port: number, options: WatchOptions): Promise<Seen[]> {
  const { hostname = "127.0.0.1", through = [], settleSeconds = 3, seconds } = options;
  const script = new URL("peers/viewer.ts", import.meta.url).pathname;
  const [program, ...args] = [
    ...through,
    ...[Deno.execPath(), "run", "-q", "-A", script, hostname, `${port}`],
  ];
  await using viewer = Program.start(program, args);
  const seen: Seen[] = [];
  for (let second = 0; second < settleSeconds + seconds; second++) {
    const { frames } = await viewer.next<{ frames: Seen[] }>("frames");
    if (second >= settleSeconds) seen.push(...frames);
  }
  if (seen.length < 2) throw new Error("Cannot measure: no frame came through");
  return seen;
}

/** How old each frame was when it came, in milliseconds. */
export function ages(seen: Seen[]): number[] {
  return seen.map(({ arrived, captured }) => arrived - captured);
}

/** How old each frame was when the next one took its place, in milliseconds. */
export function agesAtEnd(seen: Seen[]): number[] {
  return seen.slice(1).map(({ arrived }, index) => arrived - seen[index].captured);
}

/** The mean time from frame to frame, in milliseconds. */
export function intervalMs(seen: Seen[]): number {
  return (seen.at(-1)!.arrived - seen[0].arrived) / (seen.length - 1);
}
