/**
 * The library's `receive()` in a process of its own, which tells of every frame as
 * `viewer.py` does:
 *
 *     viewer.ts HOST PORT [PREFER]
 *
 * With PREFER (`smooth`, `balanced`, `sharp`) the sender may send it smaller pictures.
 *
 * @module
 */

import { now } from "../../lib/base/clock.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import type { Adaptation } from "../../lib/protocol/control.ts";
import { receive } from "../../lib/receive/receive.ts";
import { monotonicMs } from "../system.ts";
import type { Seen } from "../watch.ts";

// In a picture of camera.py: SOI, COM, its length, then nanoseconds in hexadecimal digits.
const [DIGITS_AT, DIGITS] = [6, 16];
const decoder = new TextDecoder();

const [hostname, port, prefer] = Deno.args as [string, string, Adaptation["prefer"]?];
const adapt = prefer && (() => ({ prefer }));
let frames: Seen[] = [];
setInterval(() => {
  console.log(JSON.stringify({ event: "frames", frames }));
  frames = [];
}, 1000);
const from = { hostname, port: Number(port) };
for await (const { frame } of receive(from, { once: true, adapt })) {
  const sentMs = now() - frame.time;
  const arrived = monotonicMs();
  const sent = arrived - sentMs;
  const digits = decoder.decode(frame.jpeg.subarray(DIGITS_AT, DIGITS_AT + DIGITS));
  // A picture that was encoded again has no such comment: it is as old as its sender says.
  const captured = /^[0-9a-f]{16}$/.test(digits) ? parseInt(digits, 16) / 1e6 : sent;
  const { width = 0 } = sizeOf(frame.jpeg) ?? {};
  frames.push({ captured, arrived, sent, width, bytes: frame.jpeg.length });
}
