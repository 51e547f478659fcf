/**
 * Viewers on fast links beside viewers on slow ones, which must not disturb them.
 *
 * @module
 */

import { type Figure, figure, median, quantile, type Row } from "./figures.ts";
import { Link, linkLack } from "./link.ts";
import { camcat, serve, type Service } from "./peers.ts";
import type { CrowdSeen } from "./peers/crowd.ts";
import { Program } from "./program.ts";
import { childrenMs, cpuMs } from "./system.ts";
import { asCompiled, type Seen, viewer } from "./watch.ts";

const SIZE = "1280x720";
const FPS = 30;
const FAST = 16;
const SLOW_MEGABITS = [4, 2, 2, 1];
const SECONDS = 15;
const SETTLE_SECONDS = 5;

/** The row. */
export const mixedLinks: Row = {
  about: `${FAST} viewers on a fast link, alone and beside ${SLOW_MEGABITS.length} slow ones`,
  async *run(bench) {
    const lack = linkLack();
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const clip = await bench.clip(SIZE, FPS);
    yield* await measure(bench.dist, clip, []);
    yield* await measure(bench.dist, clip, SLOW_MEGABITS);
  },
};

async function measure(dist: string, clip: string, megabits: number[]): Promise<Figure[]> {
  using stack = new DisposableStack();
  const links = megabits.map((rate) => stack.use(new Link(rate)));
  const peer = camcat(dist);
  const { server, service } = await serve(peer, { clip, fps: FPS, host: "0.0.0.0" });
  await using _server = server;
  await using watching = new AsyncDisposableStack();
  const slow = links.map((link) => {
    const at: Service = { ...service, host: link.here };
    return watching.use(viewer(peer, at, link.through, ["balanced"]));
  });
  const [program, ...args] = asCompiled("crowd.ts", "127.0.0.1", `${service.port}`, `${FAST}`);
  const fast = watching.use(Program.start(program, args));
  const crowd: CrowdSeen[] = [];
  const seen: Seen[][] = links.map(() => []);
  let [own, encoders] = [0, 0];
  for (let second = 0; second < SETTLE_SECONDS + SECONDS; second++) {
    if (second === SETTLE_SECONDS) [own, encoders] = [cpuMs(server.pid), childrenMs(server.pid)];
    const told = await fast.next<CrowdSeen>("crowd");
    const frames = await Promise.all(slow.map((one) => one.next<{ frames: Seen[] }>("frames")));
    if (second < SETTLE_SECONDS) continue;
    crowd.push(told);
    frames.forEach((told, index) => seen[index].push(...told.frames));
  }
  const percent = (ms: number) => ms / SECONDS / 10;
  own = percent(cpuMs(server.pid) - own);
  encoders = percent(childrenMs(server.pid) - encoders);
  const name = megabits.length === 0 ? "alone" : `beside ${megabits.join(", ")} Mbit/s`;
  const table = `${FAST} viewers on a fast link`;
  const rates = Array.from(
    { length: FAST },
    (_, index) => crowd.reduce((sum, { frames }) => sum + frames[index], 0) / SECONDS,
  );
  const ages = crowd.flatMap(({ ages }) => ages);
  const widths = new Set(crowd.flatMap(({ widths }) => widths));
  return [
    figure([table, name, "slowest, fps"], Math.min(...rates), "fps", 1, { atLeast: 29 }),
    figure([table, name, "age, p50, ms"], median(ages), "ms", 1),
    figure([table, name, "age, p99, ms"], quantile(ages, 0.99), "ms", 1),
    figure([table, name, "narrowest, px"], Math.min(...widths), "px", 0, { atLeast: 1280 }),
    figure([table, name, "sender itself, % of a core"], own, "%", 1),
    figure([table, name, "its encoders, % of a core"], encoders, "%", 1),
    ...seen.flatMap((frames, index) => {
      const of = `viewer ${index + 1} at ${megabits[index]} Mbit/s`;
      return [
        figure(["Beside them", of, "fps"], frames.length / SECONDS, "fps", 1),
        figure(["Beside them", of, "width"], median(frames.map(({ width = 0 }) => width)), "px", 0),
      ];
    }),
  ];
}
