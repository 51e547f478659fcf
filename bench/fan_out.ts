/**
 * What many viewers at once cost a server.
 *
 * @module
 */

import { type Bench, type Figure, figure, type Row } from "./figures.ts";
import {
  available,
  camcat,
  gstreamer,
  serve,
  type Serving,
  silentCamcat,
  zmqPublished,
} from "./peers.ts";
import { Program } from "./program.ts";
import { cpuMs, rssMb } from "./system.ts";

const VIEWERS = [1, 4, 16, 64, 128];
const SIZE = "1280x720";
const FPS = 30;
/** From this share of the pictures on a viewer counts as one at full rate. */
const FULL = 0.95;
const SETTLE_SECONDS = 1;
const SECONDS = 3;

/** The row. All viewers of one server are one process, the only one running besides it. */
export const fanOut: Row = {
  about: `${VIEWERS.join(", ")} viewers at ${SIZE}@${FPS}`,
  async *run(bench: Bench) {
    const clip = await bench.clip(SIZE, FPS);
    const { here, notes } = available([
      ...[camcat(bench.dist), silentCamcat(bench.dist), gstreamer, zmqPublished],
    ]);
    yield* notes;
    yield {
      note: "not here, for they serve one viewer: ffmpeg, socat, ImageZMQ's REQ/REP and the " +
        "tutorials' senders",
    };
    const memory = new Map<string, number[]>(here.map(({ name }) => [name, []]));
    for (const count of VIEWERS) {
      for (const peer of here) {
        const serving = await serve(peer, { clip, fps: FPS });
        await using _server = serving.server;
        const { figures, rss } = await measure(serving, peer.name, peer.framing, count);
        memory.get(peer.name)!.push(rss);
        yield* figures;
      }
    }
    for (const [name, rss] of memory) {
      const each = (rss.at(-1)! - rss[0]) / (VIEWERS.at(-1)! - VIEWERS[0]);
      const target = name.startsWith("camcat") ? { atMost: 0.5 } : undefined;
      yield figure(["Server, memory, MB", name, "each viewer more"], each, "MB", 2, target);
    }
  },
};

/** What all viewers have seen at a moment. */
interface Counted {
  at: number;
  frames: number[];
}

async function measure(
  { server, service }: Serving,
  name: string,
  framing: string,
  count: number,
): Promise<{ figures: Figure[]; rss: number }> {
  await using viewers = Program.peer("viewers", framing, service.port, count, 0);
  const counted = async (seconds: number): Promise<Counted> => {
    for (let second = 1; second < seconds; second++) await viewers.next("stats");
    return await viewers.next<Counted>("stats");
  };
  const before = await counted(SETTLE_SECONDS);
  const [cpu, seen] = [cpuMs(server.pid), cpuMs(viewers.pid)];
  const after = await counted(SECONDS);
  const elapsed = after.at - before.at;
  const fps = after.frames.map((frames, index) => (frames - before.frames[index]) / elapsed * 1000);
  const full = fps.filter((rate) => rate >= FULL * FPS).length;
  const share = (cpuMs(server.pid) - cpu) / elapsed * 100;
  const others = (cpuMs(viewers.pid) - seen) / elapsed * 100;
  const rss = rssMb(server.pid);
  const column = `${count}`;
  return {
    rss,
    figures: [
      figure(["Viewers at full rate", name, column], full, "", 0),
      figure(["Slowest viewer, fps", name, column], Math.min(...fps), "fps", 1),
      figure(["Server, % of one core", name, column], share, "%", 1),
      figure(["All viewers together, % of one core", name, column], others, "%", 1),
      figure(["Server, memory, MB", name, column], rss, "MB", 0),
    ],
  };
}
