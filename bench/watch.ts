/**
 * Viewers that tell of each frame when it was captured and when it came.
 *
 * @module
 */

import { V8_FLAGS } from "../tools/v8_flags.ts";
import { PYTHON } from "./packages.ts";
import { type Peer, script, type Service } from "./peers.ts";
import { Program } from "./program.ts";

/** A frame that has arrived. All times are milliseconds on the clock of `monotonicMs()`. */
export interface Seen {
  /** When the camera had it. */
  captured: number;
  /** When the viewer had it, complete. */
  arrived: number;
  /** The time that its sender gave it; told of camcat only. */
  sent?: number;
  /** Its width in pixels; told of camcat only. */
  width?: number;
  /** Its bytes; told of camcat only. */
  bytes?: number;
}

/** The command that runs a script of `bench/peers` as the compiled programs run. */
export function asCompiled(name: string, ...args: string[]): string[] {
  return [Deno.execPath(), "run", "-q", "-A", V8_FLAGS, script(name), ...args];
}

/**
 * Starts a viewer of what a peer serves, in a process of its own: camcat's is the
 * library's, that of others is written in Python.
 *
 * @param through what starts it: `ip netns exec NAME`, for one
 * @param prefer what camcat's viewer prefers on a slow link, at most one
 */
export function viewer(
  { framing }: Pick<Peer, "framing">,
  { host, port }: Pick<Service, "host" | "port">,
  through: string[] = [],
  prefer: string[] = [],
): Program {
  const own = asCompiled("viewer.ts", host, `${port}`, ...prefer);
  const other = [PYTHON, script("viewer.py"), framing, host, `${port}`];
  const [program, ...args] = [...through, ...(framing === "camcat" ? own : other)];
  return Program.start(program, args);
}

/** What a viewer sees in `seconds`, after some in which it settles. */
export async function watch(
  viewer: Program,
  { settleSeconds, seconds }: { settleSeconds: number; seconds: number },
): Promise<Seen[]> {
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
