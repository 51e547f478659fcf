/**
 * The first moments of the programs, and what they take while nothing happens.
 *
 * @module
 */

import { receive } from "../lib/receive.ts";
import { type Bench, median, type Row, spread } from "./figures.ts";
import { Program, startSender } from "./program.ts";
import { monotonicMs, pause, rssMb } from "./system.ts";

const TIMES = 5;
const SETTLE_MS = 4000;

/** The row. The viewer connects as soon as the sender tells its port, and says hello. */
export const start: Row = {
  about: "start of the sender to the first frame complete at a viewer, and memory when idle",
  async *run(bench) {
    const ms: number[] = [];
    for (let time = 0; time < TIMES; time++) ms.push(await firstFrame(bench));
    yield {
      what: "start to first frame",
      value: spread(ms, "ms", 0),
      target: "< 600 ms",
      met: median(ms) < 600,
    };
    const { sender } = await startSender(bench.dist, "test", "--on-demand");
    await using _sender = sender;
    // deno-fmt-ignore
    await using receiver = Program.start(`${bench.dist}/receiver`, [
      "--listen=127.0.0.1:0", "--no-display", "--json",
    ]);
    await receiver.next("listening");
    await pause(SETTLE_MS);
    for (const [what, { pid }] of Object.entries({ sender, receiver })) {
      const rss = rssMb(pid);
      yield {
        what: `${what}, idle, memory`,
        value: `${rss.toFixed(0)} MB`,
        target: "< 100 MB",
        met: rss < 100,
      };
    }
  },
};

async function firstFrame(bench: Bench): Promise<number> {
  const clip = await bench.clip("1280x720", 30);
  const since = monotonicMs();
  const { sender, port } = await startSender(bench.dist, clip);
  await using _sender = sender;
  for await (const _frame of receive({ hostname: "127.0.0.1", port }, { once: true })) {
    return monotonicMs() - since;
  }
  throw new Error("Cannot measure: no frame came through");
}
