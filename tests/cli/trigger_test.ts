// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import {
  parseTrigger,
  Trigger,
  type TriggerCommand,
  TriggerSource,
} from "../../lib/cli/trigger.ts";
import { timeTest } from "../support/time.ts";

Deno.test("parseTrigger() reads a reason, a start with one, or a stop", () => {
  const cases: [string, TriggerCommand][] = [
    ["door bell", { type: "pull", reason: "door bell" }],
    ["", { type: "pull", reason: "trigger" }],
    ["  ", { type: "pull", reason: "trigger" }],
    ["stop", { type: "stop" }],
    [" stop\r", { type: "stop" }],
    ["start", { type: "start", reason: "trigger" }],
    ["start print 7", { type: "start", reason: "print 7" }],
    ["started", { type: "pull", reason: "started" }],
    ["stop it", { type: "pull", reason: "stop it" }],
    ["a\x1b[31mb", { type: "pull", reason: "a\ufffd[31mb" }],
    ["x".repeat(5000), { type: "pull", reason: "x".repeat(200) }],
  ];
  for (const [line, command] of cases) assertEquals(parseTrigger(line), command, line);
});

timeTest("a pull lasts for a time after the last one, a start until its stop", async (time) => {
  const notes: string[] = [];
  using trigger = new Trigger(1000, (event) => {
    notes.push(event.type === "ended" ? "ended" : event.by === "trigger" ? event.reason : "");
  });
  const after = async (ms: number, command?: TriggerCommand) => {
    await time.pass(ms);
    if (command !== undefined) trigger.take(command);
    return notes.splice(0);
  };
  assertEquals(await after(0, { type: "stop" }), [], "nothing has begun");
  assertEquals(await after(2000, { type: "pull", reason: "a" }), ["a"]);
  assertEquals(await after(900, { type: "pull", reason: "b" }), [], "it goes on");
  assertEquals(await after(900), []);
  assertEquals(await after(200), ["ended"]);
  assertEquals(await after(0, { type: "start", reason: "c" }), ["c"]);
  assertEquals(await after(60_000, { type: "pull", reason: "d" }), []);
  assertEquals(await after(60_000, { type: "stop" }), [], "it ends a time after the stop");
  assertEquals(await after(1000), ["ended"]);
  assertEquals(await after(0, { type: "start", reason: "e" }), ["e"]);
  trigger[Symbol.dispose]();
  assertEquals(await after(0), ["ended"]);
});

Deno.test("TriggerSource reads lines however they are cut, and passes them to all triggers", async () => {
  const source = new TriggerSource();
  const notes: string[] = [];
  const add = (name: string) => {
    const trigger = new Trigger(0, (event) => {
      if (event.type === "began" && event.by === "trigger") notes.push(`${name} ${event.reason}`);
    });
    return { trigger, added: source.add(trigger) };
  };
  const [a, b] = [add("a"), add("b")];
  const bytes = new TextEncoder().encode("tür\r\nignored, for it has begun\nlast");
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  await source.followLines(ReadableStream.from(pieces));
  assertEquals(notes, ["a tür", "b tür"]);
  b.added[Symbol.dispose]();
  a.trigger[Symbol.dispose]();
  source.send({ type: "pull", reason: "again" });
  assertEquals(notes.slice(2), ["a again"]);
  a.trigger[Symbol.dispose]();
  b.trigger[Symbol.dispose]();
  const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("EIO")) });
  await source.followLines(failing);
});
