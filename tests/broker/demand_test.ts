// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { Demand } from "../../lib/broker/demand.ts";
import type { Header } from "../../lib/broker/message.ts";

const OURS = "ab".repeat(16);

function header(edge: number, counter: number): Header {
  const epoch = new Uint8Array(16).fill(edge);
  return { kind: "question", sealed: true, epoch, counter, sentAt: 0 };
}

Deno.test("Demand counts edges that have heard the publisher lately, for as long as they ask", () => {
  const demand = new Demand(OURS);
  demand.tick(10, 0);
  const question = { watching: true, listening: false, epoch: OURS, heard: 10 };
  assertEquals(demand.take(header(1, 1), question, 0), true);
  assertEquals(demand.take(header(2, 1), { ...question, watching: false }, 0), true);
  assertEquals([demand.edges, demand.watching(0)], [2, 1]);
  assertEquals(demand.take(header(1, 2), { ...question, watching: false }, 1000), true);
  assertEquals(demand.watching(1000), 0);
  demand.take(header(1, 3), question, 2000);
  assertEquals([demand.watching(5500), demand.watching(5501)], [1, 0]);
  demand.tick(11, 9000);
  assertEquals(demand.edges, 0);
});

Deno.test("Demand tells edges that listen from those that watch", () => {
  const demand = new Demand(OURS);
  demand.tick(10, 0);
  const question = { watching: true, listening: true, epoch: OURS, heard: 10 };
  demand.take(header(1, 1), question, 0);
  demand.take(header(2, 1), { ...question, watching: false }, 0);
  assertEquals([demand.watching(0), demand.listening(0)], [1, 2]);
  demand.take(header(1, 2), { ...question, listening: false }, 1000);
  assertEquals([demand.watching(3600), demand.listening(3600)], [1, 0]);
});

Deno.test("Demand is not moved by recorded questions", () => {
  const demand = new Demand(OURS);
  demand.tick(10, 0);
  const question = { watching: true, listening: false, epoch: OURS, heard: 10 };
  demand.take(header(1, 5), { ...question, watching: false }, 0);
  assertEquals(demand.take(header(1, 5), question, 1), false); // twice
  assertEquals(demand.take(header(1, 4), question, 1), false); // an earlier one
  assertEquals(demand.watching(1), 0);
  // The same of an edge that is forgotten, and of one that a former publisher had.
  for (let second = 1; second <= 20; second++) demand.tick(10 + second, second * 1000);
  assertEquals(demand.take(header(1, 6), question, 20_000), true); // it deserves an answer
  demand.take(header(2, 1), { ...question, epoch: "cd".repeat(16), heard: 1000 }, 20_000);
  demand.take(header(3, 1), { ...question, epoch: "", heard: 0 }, 20_000);
  assertEquals([demand.edges, demand.watching(20_000)], [3, 0]);
});

Deno.test("Demand reads a bounded number of questions, and remembers a bounded number of edges", () => {
  const demand = new Demand(OURS);
  const read = (at: number) => Array.from({ length: 3000 }, () => demand.mayRead(at));
  assertEquals(read(0).filter(Boolean).length, 1000);
  assertEquals(read(1000).filter(Boolean).length, 1000);
  for (let edge = 0; edge < 3000; edge++) {
    const epoch = new Uint8Array(16);
    new DataView(epoch.buffer).setUint32(0, edge);
    demand.take({ ...header(0, 1), epoch }, {
      watching: true,
      listening: false,
      epoch: OURS,
      heard: 0,
    }, 0);
  }
  assertEquals(demand.edges, 1024);
});
