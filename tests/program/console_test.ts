// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertThrows } from "@std/assert";
import { CamcatError, UsageError } from "../../lib/base/errors.ts";
import { joinStatus } from "../../lib/program/console.ts";
import { KeptConsole } from "../support/console.ts";
import { Time } from "../support/time.ts";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: { env: ["NO_COLOR"] }, fn });
}

const EVENT = { event: "viewer", state: "connected" };

test("Console prints texts for people, or events for machines", () => {
  const people = new KeptConsole();
  people.console.event(EVENT, "somebody connected");
  people.console.event({ event: "only for machines" });
  assertEquals([people.out, people.err], ["", "somebody connected\n"]);
  const machines = new KeptConsole({ json: true });
  machines.console.event(EVENT, "somebody connected");
  machines.console.warn({ event: "lost" }, "lost");
  assertEquals([machines.out, machines.err], [`${JSON.stringify(EVENT)}\n{"event":"lost"}\n`, ""]);
});

test("Console with --quiet prints warnings and errors only", () => {
  const kept = new KeptConsole({ quiet: true }, true);
  kept.console.event(EVENT, "somebody connected");
  kept.console.draw("a drawing");
  assertEquals(kept.next(), "");
  kept.console.warn(EVENT, "a warning");
  kept.console.fail(new CamcatError("an error"));
  assertEquals(kept.next().match(/a warning|an error/g), ["a warning", "an error"]);
});

test("Console uses colours on a terminal, unless NO_COLOR is set", () => {
  const before = Deno.env.get("NO_COLOR");
  const printed = (isTerminal: boolean) => {
    const kept = new KeptConsole({}, isTerminal);
    kept.console.warn(EVENT, "careful");
    return kept.err;
  };
  try {
    Deno.env.delete("NO_COLOR");
    assertEquals([printed(true), printed(false)], ["\x1b[33mcareful\x1b[m\n", "careful\n"]);
    Deno.env.set("NO_COLOR", "");
    assertEquals(printed(true), "\x1b[33mcareful\x1b[m\n", "an empty NO_COLOR means nothing");
    Deno.env.set("NO_COLOR", "1");
    assertEquals(printed(true), "careful\n");
  } finally {
    if (before === undefined) Deno.env.delete("NO_COLOR");
    else Deno.env.set("NO_COLOR", before);
  }
});

test("Console prints a repeated warning once, until another text is printed", () => {
  const kept = new KeptConsole();
  const { console } = kept;
  for (let count = 0; count < 3; count++) console.warn(EVENT, "no answer");
  assertEquals(kept.next(), "no answer\n");
  console.event({ event: "only for machines" });
  console.warn(EVENT, "no answer");
  assertEquals(kept.next(), "");
  console.event(EVENT, "connected");
  console.warn(EVENT, "no answer");
  assertEquals(kept.next(), "connected\nno answer\n");
});

test("Console replaces control characters, and keeps line ends of its own texts", () => {
  const kept = new KeptConsole();
  kept.console.event(EVENT, "a\x1b[2Jb\nc\u202ed");
  assertEquals(kept.err, "a\ufffd[2Jb\nc\ufffdd\n");
});

test("Console prints lines of other programs with --verbose only", () => {
  for (const verbose of [false, true]) {
    const kept = new KeptConsole({ verbose });
    kept.console.detail("ffmpeg: hello");
    kept.console.fail(new CamcatError("it failed", { details: "why" }));
    const more = verbose ? ["ffmpeg: hello\n", "why\n"] : ["", ""];
    assertEquals(kept.err, `${more[0]}error: it failed\n${more[1]}`);
  }
});

test("Console.fail() gives status 2 for a wrong command line, 1 for a failure, and no bug", () => {
  const { console } = new KeptConsole();
  assertEquals(console.fail(new UsageError("wrong")), 2);
  assertEquals(console.fail(new CamcatError("failed")), 1);
  assertThrows(() => console.fail(new TypeError("bug")), TypeError, "bug");
  const machines = new KeptConsole({ json: true });
  assertEquals(machines.console.fail(new CamcatError("failed")), 1);
  assertEquals(machines.out, '{"event":"error","message":"failed"}\n');
});

test("Console redraws the status line each second, below all other lines", async () => {
  using time = new Time();
  const kept = new KeptConsole({}, true);
  let text = "1 fps";
  {
    using console = kept.console;
    console.showStatus(() => [{ text, json: {} }, { text: "2 viewers", json: {} }]);
    await time.pass(1000);
    assertEquals(kept.next(), "\r\x1b[2K1 fps  |  2 viewers");
    console.event(EVENT, "connected");
    assertEquals(kept.next(), "\r\x1b[2Kconnected\n1 fps  |  2 viewers");
    text = "x".repeat(500);
    await time.pass(1000);
    assertEquals(kept.next().length, "\r\x1b[2K".length + 80, "one line, to be redrawn");
  }
  assertEquals([kept.next(), time.timers], ["\n", 0]);
});

test("Console logs figures every 10 s without a terminal, each second as JSON, never if quiet", async () => {
  using time = new Time();
  const logs = [
    new KeptConsole(),
    new KeptConsole({ json: true }),
    new KeptConsole({ quiet: true }),
  ];
  for (const { console } of logs) console.showStatus(() => [{ text: "30 fps", json: { fps: 30 } }]);
  await time.pass(20_000);
  const [log, json, quiet] = logs;
  assertEquals(log.err, "30 fps\n".repeat(2));
  assertEquals(json.out, '{"event":"stats","fps":30}\n'.repeat(20));
  assertEquals([quiet.out, quiet.err], ["", ""]);
  for (const { console } of logs) console[Symbol.dispose]();
});

test("Console keeps the latest 100 lines while the terminal is lent, and lends the status", async () => {
  using time = new Time();
  const kept = new KeptConsole({}, true);
  using console = kept.console;
  console.showStatus(() => [{ text: "30 fps", json: {} }]);
  await time.pass(1000);
  kept.next();
  const shown: string[] = [];
  {
    using _ = await console.lendTerminal((status) => shown.push(status));
    assertEquals(kept.next(), "\r\x1b[2K", "the status line is removed");
    await time.pass(2000);
    for (let line = 0; line < 150; line++) console.event(EVENT, `line ${line}`);
    assertEquals([kept.next(), shown], ["", ["30 fps", "30 fps"]]);
  }
  const lines = kept.next().trimEnd().split("\n");
  assertEquals([lines.length, lines[0], lines[99]], [100, "line 50", "line 149"]);
  await time.pass(1000);
  assertEquals(kept.next(), "\r\x1b[2K30 fps");
});

test("joinStatus() joins texts and fields, and leaves out missing ones", () => {
  const status = joinStatus({ text: "a", json: { a: 1 } }, undefined, { text: "", json: { b: 2 } });
  assertEquals(status, { text: "a", json: { a: 1, b: 2 } });
});
