/**
 * How old the picture gets within a minute on one slow link.
 *
 * @module
 */

import { type Figure, figure, median, quantile, type Row } from "./figures.ts";
import { Link, linkLack } from "./link.ts";
import {
  available,
  camcat,
  ffmpegTcp,
  gstreamer,
  lengths,
  type Peer,
  serve,
  silentCamcat,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";
import { monotonicMs } from "./system.ts";
import { agesAtEnd, intervalMs, type Seen, viewer } from "./watch.ts";

const MEGABITS = 2;
const SIZE = "1280x720";
const FPS = 30;
const SECONDS = 60;
const ASKED_AT = [5, 10, 20, 30, 40, 50, 60];
/** Pictures that come before are left out where all are condensed. */
const SETTLE_SECONDS = 5;

/** The row. Each has a link of its own; all run at the same time. */
export const slowLink: Row = {
  about: `age of the picture shown over ${SECONDS} s at ${MEGABITS} Mbit/s, ${SIZE}@${FPS}`,
  async *run(bench) {
    const lack = linkLack();
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const clip = await bench.clip(SIZE, FPS);
    const { here, notes } = available([
      ...[camcat(bench.dist), silentCamcat(bench.dist), lengths, zmqRequests, zmqPublished],
      ...[ffmpegTcp, gstreamer],
    ]);
    yield* notes;
    const measured = await Promise.all(here.map((peer) => measure(peer, clip)));
    for (const [index, { name }] of here.entries()) yield* figures(name, measured[index]);
  },
};

interface Watched {
  seen: Seen[];
  since: number;
}

async function measure(peer: Peer, clip: string): Promise<Watched> {
  using link = new Link(MEGABITS);
  const { server, service } = await serve(peer, { clip, fps: FPS, host: link.here });
  await using _server = server;
  const since = monotonicMs();
  await using watching = viewer(peer, service, link.through);
  const seen: Seen[] = [];
  while (monotonicMs() - since < SECONDS * 1000 + 500) {
    seen.push(...(await watching.next<{ frames: Seen[] }>("frames")).frames);
  }
  return { seen, since };
}

function* figures(name: string, { seen, since }: Watched): Generator<Figure> {
  for (const second of ASKED_AT) {
    const at = since + second * 1000;
    const shown = seen.findLast(({ arrived }) => arrived <= at);
    const age = shown === undefined ? NaN : (at - shown.captured) / 1000;
    yield figure(["Age of the picture shown, s", name, `after ${second} s`], age, "s", 2);
  }
  const later = seen.filter(({ arrived }) => arrived > since + SETTLE_SECONDS * 1000);
  if (later.length < 2) return;
  const transmission = intervalMs(later);
  const table = "Pictures";
  yield figure([table, name, "fps"], 1000 / transmission, "fps", 1);
  const oldest = agesAtEnd(later);
  yield figure([table, name, "age when replaced, p50"], median(oldest) / 1000, "s", 2);
  yield figure([table, name, "age when replaced, p99"], quantile(oldest, 0.99) / 1000, "s", 2);
  const times = median(oldest) / transmission;
  yield figure(
    [table, name, "p50 in times from picture to picture"],
    times,
    "x",
    2,
    name === "camcat" ? { atMost: 2.2 } : undefined,
  );
}
