/**
 * What a viewer sees that stops reading for a while.
 *
 * @module
 */

import { figure, type Row } from "./figures.ts";
import {
  available,
  camcat,
  ffmpegTcp,
  gstreamer,
  lengths,
  type Peer,
  pump,
  serve,
  silentCamcat,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";
import { Program } from "./program.ts";
import { rssMb } from "./system.ts";
import { ages, type Seen } from "./watch.ts";

const SIZE = "1280x720";
const FPS = 30;
const STALL_SECONDS = 12;
const BEFORE_SECONDS = 3;
const AFTER_SECONDS = 4;
/** From this age on a picture is a stale one. */
const STALE_MS = 100;

/** The row. All stall at the same time, each before a server of its own. */
export const stall: Row = {
  about: `one viewer that stops reading for ${STALL_SECONDS} s and goes on, ${SIZE}@${FPS}`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    const { here, notes } = available([
      ...[camcat(bench.dist), silentCamcat(bench.dist), lengths, zmqRequests, zmqPublished],
      ...[ffmpegTcp, gstreamer, pump],
    ]);
    yield* notes;
    const measured = await Promise.all(here.map((peer) => measure(peer, clip)));
    for (const { name, seen, watched, growth } of measured) {
      const stale = ages(seen).filter((age) => age > STALE_MS).length;
      const isOurs = name === "camcat";
      const table = `After ${STALL_SECONDS} s`;
      const old = [table, name, "stale pictures"] as const;
      yield figure([...old], stale, "", 0, isOurs ? { atMost: 2 } : undefined);
      yield figure([table, name, "age of the first, ms"], ages(seen)[0], "ms", 0);
      yield figure([table, name, "server's memory, growth, MB"], growth, "MB", 1);
      if (watched !== undefined) {
        yield figure([table, name, "another viewer meanwhile, fps"], watched, "fps", 1);
      }
    }
  },
};

async function measure(peer: Peer, clip: string) {
  const { server, service: { host, port } } = await serve(peer, { clip, fps: FPS });
  await using stack = new AsyncDisposableStack();
  stack.use(server);
  const stalls = [BEFORE_SECONDS, STALL_SECONDS];
  const viewer = stack.use(Program.peer("viewer", peer.framing, host, port, ...stalls));
  const other = peer.servesMany
    ? stack.use(Program.peer("viewer", peer.framing, host, port))
    : undefined;
  for (let second = 0; second < BEFORE_SECONDS - 1; second++) await viewer.next("frames");
  const before = rssMb(server.pid);
  const resumed = viewer.next("resumed");
  let frames = 0;
  for (let second = 0; second < STALL_SECONDS - 2 && other !== undefined; second++) {
    frames += (await other.next<{ frames: Seen[] }>("frames")).frames.length;
  }
  await resumed;
  const growth = rssMb(server.pid) - before;
  const seen: Seen[] = [];
  for (let second = 0; second < AFTER_SECONDS; second++) {
    seen.push(...(await viewer.next<{ frames: Seen[] }>("frames")).frames);
  }
  const watched = other === undefined ? undefined : frames / (STALL_SECONDS - 2);
  return { name: peer.name, seen, watched, growth };
}
