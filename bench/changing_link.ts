/**
 * A link that becomes slow and fast again.
 *
 * @module
 */

import { type Figure, figure } from "./figures.ts";
import { Link } from "./link.ts";
import { serve } from "./peers.ts";
import { monotonicMs } from "./system.ts";
import { agesAtEnd, type Seen, viewer } from "./watch.ts";
import type { Watcher } from "./watchers.ts";

const [FAST, SLOW] = [20, 1];
const STEPS = 6;
const STEP_MS = 10_000;
const FULL_WIDTH = 1280;

/** How old the picture gets while the link changes; how long camcat takes to be sharp again. */
export async function steps(watchers: Watcher[], clip: string, fps: number): Promise<Figure[]> {
  const table = `${FAST}, ${SLOW}, ${FAST}, ... Mbit/s, ${STEP_MS / 1000} s each`;
  const measured = await Promise.all(watchers.map((watcher) => measure(watcher, clip, fps)));
  return measured.flatMap(({ oldestMs, recoveryMs }, index) => {
    const { peer: { name }, isCamcat } = watchers[index];
    return [
      figure(
        [table, name, "oldest picture, s"],
        oldestMs / 1000,
        "s",
        2,
        isCamcat ? { atMost: 1.5 } : undefined,
      ),
      ...(isCamcat
        ? [figure([table, name, "sharp again after, s"], recoveryMs / 1000, "s", 1, { atMost: 5 })]
        : []),
    ];
  });
}

async function measure({ peer, prefer }: Watcher, clip: string, fps: number) {
  using link = new Link(FAST);
  const { server, service } = await serve(peer, { clip, fps, host: link.here });
  await using _server = server;
  await using watching = viewer(peer, service, link.through, prefer);
  await watching.next("frames");
  const seen: Seen[] = [];
  const recoveries: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const isFast = step % 2 === 0;
    link.megabits = isFast ? FAST : SLOW;
    const began = monotonicMs();
    while (monotonicMs() < began + STEP_MS) {
      seen.push(...(await watching.next<{ frames: Seen[] }>("frames")).frames);
    }
    if (!isFast || step === 0) continue;
    const full = seen.find(({ arrived, width }) => arrived > began && width === FULL_WIDTH);
    recoveries.push(full === undefined ? Infinity : full.arrived - began);
  }
  return { oldestMs: Math.max(...agesAtEnd(seen)), recoveryMs: Math.max(...recoveries) };
}
