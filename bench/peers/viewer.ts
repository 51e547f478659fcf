/**
 * The library's `receive()` in a process of its own, which tells of every frame as
 * `viewer.py` does:
 *
 *     viewer.ts HOST PORT
 *
 * @module
 */

import { now } from "../../lib/base/clock.ts";
import { receive } from "../../lib/receive/receive.ts";
import { monotonicMs } from "../system.ts";
import type { Seen } from "../watch.ts";

// In a picture of camera.py: SOI, COM, its length, then nanoseconds in hexadecimal digits.
const [DIGITS_AT, DIGITS] = [6, 16];
const decoder = new TextDecoder();

const [hostname, port] = Deno.args;
let frames: Seen[] = [];
setInterval(() => {
  console.log(JSON.stringify({ event: "frames", frames }));
  frames = [];
}, 1000);
for await (const { frame } of receive({ hostname, port: Number(port) }, { once: true })) {
  const sentMs = now() - frame.time;
  const arrived = monotonicMs();
  const digits = decoder.decode(frame.jpeg.subarray(DIGITS_AT, DIGITS_AT + DIGITS));
  frames.push({
    captured: parseInt(digits, 16) / 1e6,
    arrived,
    sent: arrived - sentMs,
  });
}
