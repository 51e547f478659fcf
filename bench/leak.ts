/**
 * What viewers that vanish leave behind in the sender.
 *
 * @module
 */

import { figure, type Row } from "./figures.ts";
import { Program, startSender } from "./program.ts";
import { descriptors, monotonicMs, pause, rssMb } from "./system.ts";

const VIEWERS = 1000;
const STALL_SECONDS = 2;
const SETTLE_MS = 5000;

/** The row. The sender may take a moment to let go of the last ones. */
export const leak: Row = {
  about: `what ${VIEWERS} viewers that stall and vanish leave in the sender`,
  async *run(bench) {
    const clip = await bench.clip("1920x1080", 60);
    const { sender, port } = await startSender(bench.dist, clip, "--loop");
    await using _sender = sender;
    // One ordinary viewer first: what is opened once for good is open then.
    {
      await using _viewer = Program.peer("viewer", "lengths", "127.0.0.1", port);
      await sender.next("stats");
      await sender.next("stats");
    }
    await sender.next("stats");
    const before = descriptors(sender.pid);
    const table = "Sender";
    yield figure([table, "before", "descriptors"], before, "", 0);
    yield figure([table, "before", "memory, MB"], rssMb(sender.pid), "MB", 0);
    await using vanish = Program.peer("vanish", port, VIEWERS, STALL_SECONDS);
    await vanish.next("vanished");
    const since = monotonicMs();
    while (descriptors(sender.pid) > before && monotonicMs() - since < SETTLE_MS) await pause(10);
    const after = descriptors(sender.pid);
    yield figure([table, "after", "descriptors"], after, "", 0, { atMost: before });
    yield figure([table, "after", "memory, MB"], rssMb(sender.pid), "MB", 0);
    const ms = monotonicMs() - since;
    yield figure([table, "after", "ms to let go of the last"], ms, "ms", 0);
  },
};
