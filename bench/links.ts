/**
 * Links of all kinds, and pictures that adapt to them.
 *
 * @module
 */

import { type Figure, figure, median, quantile, type Row, type Target } from "./figures.ts";
import { Link, linkLack } from "./link.ts";
import { PYTHON } from "./packages.ts";
import { camcat, script, serve } from "./peers.ts";
import { Program } from "./program.ts";
import { monotonicMs } from "./system.ts";
import { agesAtEnd, type Seen, viewer } from "./watch.ts";

const SIZE = "1280x720";
const FPS = 30;
/** How long a viewer settles first, and is watched then. */
const SETTLE_SECONDS = 5;
const SECONDS = 20;

/** A link, and what has to come through. */
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
  "2 Mbit/s, 100 ms": { megabits: 2, roundTripMs: 100, fps: 20, p50: 250, p99: 450 },
};

/** The row: each link by itself, so that they do not compete for the processor. */
export const links: Row = {
  about: `pictures over slow links, adapted and not, ${SIZE}@${FPS}`,
  async *run(bench) {
    const lack = linkLack();
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const clip = await bench.clip(SIZE, FPS);
    for (const [name, way] of Object.entries(CASES)) {
      using link = new Link(way.megabits);
      const [adapted, sharp] = [
        await measure(bench.dist, clip, link, way, "balanced"),
        await measure(bench.dist, clip, link, way, "sharp"),
      ];
      yield* figures(name, adapted, way);
      yield* figures(`${name}, not adapted`, sharp);
    }
    yield* await steps(bench.dist, clip);
  },
};

/** What a viewer sees after it has settled. */
async function measure(
  dist: string,
  clip: string,
  link: Link,
  { roundTripMs }: { roundTripMs?: number },
  prefer: string,
): Promise<Seen[]> {
  const peer = camcat(dist);
  const { server, service } = await serve(peer, { clip, fps: FPS, host: link.here });
  await using _server = server;
  await using delay = roundTripMs === undefined
    ? undefined
    : await delayed(link, service, roundTripMs);
  const at = delay?.at ?? service;
  await using watching = viewer(peer, at, link.through, [prefer]);
  return await seenFor(watching, SECONDS);
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

async function seenFor(watching: Program, seconds: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let second = 0; second < SETTLE_SECONDS + seconds; second++) {
    const { frames } = await watching.next<{ frames: Seen[] }>("frames");
    if (second >= SETTLE_SECONDS) seen.push(...frames);
  }
  return seen;
}

function* figures(name: string, seen: Seen[], way?: Case): Generator<Figure> {
  const table = "Slow links";
  const target = (target: Target) => way === undefined ? undefined : target;
  const fps = seen.length / SECONDS;
  // The picture on show is oldest just before the next one takes its place.
  const age = agesAtEnd(seen);
  yield figure([table, name, "fps"], fps, "fps", 1, target({ atLeast: way?.fps ?? 0 }));
  yield figure(
    [table, name, "age, p50, ms"],
    median(age),
    "ms",
    0,
    target({ atMost: way?.p50 ?? 0 }),
  );
  const p99 = quantile(age, 0.99);
  yield figure([table, name, "age, p99, ms"], p99, "ms", 0, target({ atMost: way?.p99 ?? 0 }));
  yield figure([table, name, "width"], median(seen.map(({ width = 0 }) => width)), "px", 0);
  const bits = seen.reduce((sum, { bytes = 0 }) => sum + bytes, 0) * 8 / SECONDS / 1e6;
  yield figure([table, name, "Mbit/s"], bits, "Mbit/s", 2);
}

/** 20, 1, 20, ... Mbit/s, ten seconds each. */
async function steps(dist: string, clip: string): Promise<Figure[]> {
  using link = new Link(20);
  const peer = camcat(dist);
  const { server, service } = await serve(peer, { clip, fps: FPS, host: link.here });
  await using _server = server;
  await using watching = viewer(peer, service, link.through, ["balanced"]);
  await watching.next("frames");
  const seen: Seen[] = [];
  const recoveries: number[] = [];
  for (let step = 0; step < 6; step++) {
    link.megabits = step % 2 === 0 ? 20 : 1;
    const began = monotonicMs();
    while (monotonicMs() < began + 10_000) {
      seen.push(...(await watching.next<{ frames: Seen[] }>("frames")).frames);
    }
    if (step % 2 !== 0 || step === 0) continue;
    const full = seen.find(({ arrived, width }) => arrived > began && width === 1280);
    recoveries.push(full === undefined ? Infinity : (full.arrived - began) / 1000);
  }
  const table = "20, 1, 20, ... Mbit/s";
  const oldest = Math.max(...agesAtEnd(seen)) / 1000;
  const longest = Math.max(...recoveries);
  return [
    figure([table, "camcat", "oldest picture, s"], oldest, "s", 2, { atMost: 1.5 }),
    figure([table, "camcat", "sharp again after, s"], longest, "s", 1, { atMost: 5 }),
  ];
}
