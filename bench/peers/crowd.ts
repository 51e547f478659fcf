/**
 * Many viewers in one process, which tell of their frames together once a second:
 *
 *     crowd.ts HOST PORT COUNT
 *
 * @module
 */

import { now } from "../../lib/base/clock.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { receive } from "../../lib/receive/receive.ts";

/** What all viewers saw in a second. */
export interface CrowdSeen {
  /** Frames of each viewer. */
  frames: number[];
  /** How old each frame was, in milliseconds. */
  ages: number[];
  /** Widths of the pictures. */
  widths: number[];
}

const [hostname, port, count] = Deno.args;
const nothing = (): CrowdSeen => ({
  frames: new Array(Number(count)).fill(0),
  ages: [],
  widths: [],
});
let seen = nothing();
setInterval(() => {
  console.log(JSON.stringify({ event: "crowd", ...seen }));
  seen = nothing();
}, 1000);

const from = { hostname, port: Number(port) };
const adapt = () => ({ prefer: "balanced" as const });
await Promise.all(Array.from({ length: Number(count) }, async (_, index) => {
  for await (const { frame } of receive(from, { once: true, adapt })) {
    seen.frames[index]++;
    seen.ages.push(now() - frame.time);
    const { width = 0 } = sizeOf(frame.jpeg) ?? {};
    if (!seen.widths.includes(width)) seen.widths.push(width);
  }
}));
