/**
 * Links that carry less than the camera gives: what each program shows at the other end.
 *
 * @module
 */

import { type Figure, figure, median, quantile, type Row, type Target } from "./figures.ts";
import { steps } from "./changing_link.ts";
import { Link, linkLack } from "./link.ts";
import { PYTHON } from "./packages.ts";
import { script, serve } from "./peers.ts";
import { Program } from "./program.ts";
import { agesAtEnd, type Seen, viewer, watch } from "./watch.ts";
import { type Watcher, watchers } from "./watchers.ts";

const SIZE = "1280x720";
const FPS = 30;
/** How long a viewer settles first, and is watched then. */
const WINDOW = { settleSeconds: 5, seconds: 15 };

/** A link, and what camcat has to show over it. */
interface Case {
  megabits: number;
  roundTripMs?: number;
  fps: number;
  p50: number;
  p99: number;
}

const CASES: Record<string, Case> = {
  "8 Mbit/s": { megabits: 8, fps: 28, p50: 120, p99: 250 },
  "2 Mbit/s": { megabits: 2, fps: 24, p50: 150, p99: 300 },
  "1 Mbit/s": { megabits: 1, fps: 15, p50: 200, p99: 400 },
  "512 kbit/s": { megabits: 0.512, fps: 12, p50: 300, p99: 600 },
  "2 Mbit/s, 100 ms there and back": { megabits: 2, roundTripMs: 100, fps: 20, p50: 250, p99: 450 },
};

/** The row. One link after the other; at each, all programs at the same time on links of their own. */
export const links: Row = {
  about: `pictures over slow links, ${SIZE}@${FPS}: camcat, others, and camcat without adaptation`,
  async *run(bench) {
    const lack = linkLack();
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const clip = await bench.clip(SIZE, FPS);
    const { here, notes } = watchers(bench);
    yield* notes;
    for (const [name, way] of Object.entries(CASES)) {
      const seen = await Promise.all(here.map((watcher) => measure(watcher, clip, way)));
      for (const [index, watcher] of here.entries()) {
        yield* figures(name, watcher, seen[index], way);
      }
    }
    yield* await steps(here, clip, FPS);
  },
};

/** What a viewer sees after it has settled. */
async function measure(
  { peer, prefer }: Watcher,
  clip: string,
  { megabits, roundTripMs }: Case,
): Promise<Seen[]> {
  using link = new Link(megabits);
  const { server, service } = await serve(peer, { clip, fps: FPS, host: link.here });
  await using _server = server;
  await using delay = roundTripMs === undefined
    ? undefined
    : await delayed(link, service, roundTripMs);
  const at = delay?.at ?? service;
  await using watching = viewer(peer, at, link.through, prefer);
  return await watch(watching, WINDOW);
}

/** A proxy at the far end that holds everything back, both ways. */
async function delayed(link: Link, { host, port }: { host: string; port: number }, ms: number) {
  const [program, ...through] = link.through;
  const args = [...through, PYTHON, script("delay.py"), `${port}`, `${ms / 2}`, host];
  const proxy = Program.start(program, args);
  const { port: near } = await proxy.next<{ port: number }>("listening");
  return {
    at: { host: "127.0.0.1", port: near },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

function* figures(link: string, watcher: Watcher, seen: Seen[], way: Case): Generator<Figure> {
  const { peer: { name }, isCamcat } = watcher;
  const target = (target: Target) => isCamcat ? target : undefined;
  const fps = seen.length / WINDOW.seconds;
  // The picture on show is oldest just before the next one takes its place.
  const age = agesAtEnd(seen);
  const p99 = quantile(age, 0.99);
  yield figure([link, name, "fps"], fps, "fps", 1, target({ atLeast: way.fps }));
  yield figure([link, name, "age, p50, ms"], median(age), "ms", 0, target({ atMost: way.p50 }));
  yield figure([link, name, "age, p99, ms"], p99, "ms", 0, target({ atMost: way.p99 }));
  const [{ width }] = seen;
  if (width === undefined) return;
  yield figure([link, name, "width, px"], median(seen.map(({ width = 0 }) => width)), "px", 0);
  const bits = seen.reduce((sum, { bytes = 0 }) => sum + bytes, 0) * 8 / WINDOW.seconds / 1e6;
  yield figure([link, name, "Mbit/s"], bits, "Mbit/s", 2);
}
