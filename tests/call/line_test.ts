// The line of a call, over a real connection.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Line } from "../../lib/call/line.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { loopbackPair } from "../../lib/protocol/loopback.ts";
import { writeAll } from "../../lib/program/write_all.ts";
import { until } from "../support/patience.ts";

Deno.test("a line carries messages both ways, and ends at both ends with a hangup", async () => {
  const [here, there] = await loopbackPair();
  const heard: Control[] = [];
  const caller = new Line(here, (message) => heard.push(message));
  const other = new Line(there, (message) => heard.push(message));
  caller.say({ type: "ring", version: 1, call: "c", name: "office" });
  other.say({ type: "accept", name: "kitchen" });
  await until(() => heard.length === 2, "both messages");
  assertEquals(new Set(heard.map(({ type }) => type)), new Set(["ring", "accept"]));
  await caller.close({ type: "hangup" });
  assertEquals(await other.ended, "the other end has hung up");
  assertEquals(heard.at(-1), { type: "hangup" });
});

Deno.test("both ends may hang up at the same time", async () => {
  const [here, there] = await loopbackPair();
  const lines = [here, there].map((connection) => new Line(connection, () => {}));
  await Promise.all(lines.map((line) => line.close({ type: "hangup" })));
  await Promise.all(lines.map(({ ended }) => ended));
});

Deno.test("a line notices what is said on no line, and an end without a word", async () => {
  const [here, there] = await loopbackPair();
  const line = new Line(here, () => {});
  await writeAll(there, Uint8Array.of(0, 0, 0, 3, 0xff, 0xd8, 0xff));
  assertMatch(await line.ended, /picture/);
  assert(line.isForeign);
  there.close();

  const [near, far] = await loopbackPair();
  const other = new Line(near, () => {});
  far.close();
  assertEquals(await other.ended, "the other end closed the connection");
  assert(!other.isForeign);
});
