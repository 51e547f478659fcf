// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { HandshakeQueue } from "../../lib/security/handshake_queue.ts";
import { timeTest } from "../support/time.ts";

const NEVER = new AbortController().signal;

timeTest("HandshakeQueue.turn() allows 32 at once, and then one every 10 ms", async (time) => {
  const queue = new HandshakeQueue();
  let begun = 0;
  const turns = Array.from({ length: 50 }, () => queue.turn(false, NEVER).then(() => begun++));
  await time.settle();
  assertEquals(begun, 32);
  await time.pass(9);
  assertEquals(begun, 32);
  await time.pass(1);
  assertEquals(begun, 33);
  await time.pass(170);
  await Promise.all(turns);
  await time.pass(60_000);
  const later = Array.from({ length: 33 }, () => queue.turn(false, NEVER).then(() => begun++));
  await time.settle();
  assertEquals(begun, 50 + 32, "a long quiet time allows no more at once");
  await time.pass(10);
  await Promise.all(later);
});

timeTest(
  "HandshakeQueue.turn() prefers addresses without failures, then the newest",
  async (time) => {
    const queue = new HandshakeQueue();
    for (let count = 0; count < 32; count++) await queue.turn(false, NEVER);
    const order: string[] = [];
    const peers = [["a", true], ["b", false], ["c", true], ["d", false], ["e", true]] as const;
    const turns = peers.map(([name, isSuspect]) =>
      queue.turn(isSuspect, NEVER).then(() => order.push(name))
    );
    await time.pass(50);
    await Promise.all(turns);
    assertEquals(order, ["d", "b", "e", "c", "a"]);
  },
);

timeTest(
  "HandshakeQueue.turn() ends when its signal is aborted, and takes no turn",
  async (time) => {
    const queue = new HandshakeQueue();
    for (let count = 0; count < 32; count++) await queue.turn(false, NEVER);
    const stop = new AbortController();
    const given = queue.turn(false, stop.signal);
    let begun = false;
    const other = queue.turn(true, NEVER).then(() => begun = true);
    stop.abort();
    await given;
    assertEquals(begun, false);
    await time.pass(10);
    await other;
  },
);
