/**
 * Many viewers at once.
 *
 * @module
 */

import { median, type Row } from "./figures.ts";
import { Program, startSender } from "./program.ts";
import { cpuMs, monotonicMs, rssMb } from "./system.ts";

const VIEWERS = 64;
const FPS = 30;
const SETTLE_SECONDS = 5;
const SECONDS = 15;

/** The row. The stalled viewer says hello and then never reads. */
export const fanOut: Row = {
  about: `${VIEWERS} viewers at 1280x720@${FPS}, and one that has stalled`,
  async *run(bench) {
    const clip = await bench.clip("1280x720", FPS);
    const { sender, port } = await startSender(bench.dist, clip, "--loop");
    await using _sender = sender;
    await using viewers = Program.peer("viewers", port, VIEWERS, 1);

    type Stats = { min: number; median: number };
    for (let second = 0; second < SETTLE_SECONDS; second++) await viewers.next("stats");
    const [cpu, rss, since] = [cpuMs(sender.pid), rssMb(sender.pid), monotonicMs()];
    const slowest: number[] = [], middle: number[] = [], memory = [rss];
    for (let second = 0; second < SECONDS; second++) {
      const stats = await viewers.next<Stats>("stats");
      slowest.push(stats.min);
      middle.push(stats.median);
      memory.push(rssMb(sender.pid));
    }
    const share = (cpuMs(sender.pid) - cpu) / (monotonicMs() - since) * 100;
    const growth = memory.at(-1)! - rss;

    yield { what: "median viewer", value: `${median(middle).toFixed(1)} fps` };
    const least = median(slowest);
    yield {
      what: "slowest viewer",
      value: `${least.toFixed(1)} fps`,
      target: ">= 29.5 fps",
      met: least >= 29.5,
    };
    yield { what: "sender, of one core", value: `${share.toFixed(1)} %` };
    yield { what: "sender, memory", value: `${rss.toFixed(0)} MB` };
    yield {
      what: `sender, memory, growth over ${SECONDS} s`,
      value: `${growth.toFixed(1)} MB (peak ${(Math.max(...memory) - rss).toFixed(1)})`,
      target: "<= 10 MB",
      met: growth <= 10,
    };
  },
};
