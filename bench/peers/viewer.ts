/**
 * The library's `receive()` in a process of its own, which tells of every frame:
 *
 *     viewer.ts HOST PORT
 *
 * Once a second `{"event": "frames", "frames": [...]}`. See {@linkcode Seen}.
 *
 * @module
 */

import { now } from "../../lib/clock.ts";
import { receive } from "../../lib/receive.ts";

/** A frame that has arrived. All times are milliseconds since the epoch. */
export interface Seen {
  /** When its first byte was read, on the clock of the sender: the same machine's. */
  captured: number;
  /** When it was handed out here. */
  arrived: number;
  /** How far the clocks of both processes are apart, as far as pings can tell. */
  apart: number | undefined;
}

if (import.meta.main) {
  const [hostname, port] = Deno.args;
  let frames: Seen[] = [];
  setInterval(() => {
    console.log(JSON.stringify({ event: "frames", frames }));
    frames = [];
  }, 1000);
  for await (
    const { frame, capturedAt } of receive({ hostname, port: Number(port) }, { once: true })
  ) {
    const apart = capturedAt === undefined ? undefined : frame.time - capturedAt;
    frames.push({ captured: frame.time, arrived: now(), apart });
  }
}
