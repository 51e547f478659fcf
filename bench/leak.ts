/**
 * What viewers that vanish leave behind.
 *
 * @module
 */

import type { Row } from "./figures.ts";
import { Program, startSender } from "./program.ts";
import { descriptors, monotonicMs, pause, rssMb } from "./system.ts";

const VIEWERS = 1000;
const STALL_SECONDS = 2;
const SETTLE_MS = 5000;

/** The row. The sender may take a moment to let go of the last ones. */
export const leak: Row = {
  about: `open descriptors of the sender before and after ${VIEWERS} viewers that stall and vanish`,
  async *run(bench) {
    const clip = await bench.clip("1920x1080", 60);
    const { sender, port } = await startSender(bench.dist, clip, "--loop");
    await using _sender = sender;
    // One ordinary viewer first: what is opened once for good is open then.
    {
      await using drain = Program.peer("drain", port);
      await sender.next("stats");
      await sender.next("stats");
      await drain[Symbol.asyncDispose]();
    }
    await sender.next("stats");
    const before = descriptors(sender.pid);
    const memory = rssMb(sender.pid);
    await using vanish = Program.peer("vanish", port, VIEWERS, STALL_SECONDS);
    await vanish.next("vanished");
    const since = monotonicMs();
    while (descriptors(sender.pid) > before && monotonicMs() - since < SETTLE_MS) await pause(10);
    const after = descriptors(sender.pid);
    yield { what: "before", value: `${before} descriptors` };
    yield {
      what: `after, within ${SETTLE_MS / 1000} s`,
      value: `${after} descriptors`,
      target: "the same",
      met: after === before,
    };
    yield { what: "time to let go of the last", value: `${(monotonicMs() - since).toFixed(0)} ms` };
    yield {
      what: "memory before and after",
      value: `${memory.toFixed(0)} MB, ${rssMb(sender.pid).toFixed(0)} MB`,
    };
  },
};
