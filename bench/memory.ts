/**
 * Whether memory grows in an hour.
 *
 * @module
 */

import { figure, type Row } from "./figures.ts";
import { Program, startReceiver, startSender } from "./program.ts";
import { pause, rssMb } from "./system.ts";

const MINUTES = 60;
const LOOK_EVERY_MINUTES = 5;

/** The row. One receiver without a window, one viewer that acknowledges, one that is silent. */
export const memory: Row = {
  about: `memory of sender and receiver over ${MINUTES} minutes, 1280x720@30`,
  long: true,
  async *run(bench) {
    const clip = await bench.clip("1280x720", 30);
    const { sender, port } = await startSender(bench.dist, clip, "--loop");
    await using _sender = sender;
    await using receiver = startReceiver(bench.dist, port);
    await using _viewer = Program.peer("viewer", "lengths", "127.0.0.1", port);
    const first: Record<string, number> = {};
    for (let minute = 0; minute <= MINUTES; minute += LOOK_EVERY_MINUTES) {
      await sender.unlessEnded(pause((minute === 0 ? 0.5 : LOOK_EVERY_MINUTES) * 60_000));
      for (const [name, { pid }] of Object.entries({ sender, receiver })) {
        const rss = rssMb(pid);
        first[name] ??= rss;
        yield figure(["Memory, MB", name, minute === 0 ? "start" : `${minute} min`], rss, "MB", 0);
        if (minute < MINUTES) continue;
        const place = ["Memory, MB", name, "growth"] as const;
        yield figure([...place], rss - first[name], "MB", 1, { atMost: 10 });
      }
    }
  },
};
