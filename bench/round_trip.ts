/**
 * Pictures over a long round trip.
 *
 * @module
 */

import { figure, quantile, type Row } from "./figures.ts";
import {
  available,
  camcat,
  ffmpegTcp,
  gstreamer,
  lengths,
  type Peer,
  serve,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";
import { Program } from "./program.ts";
import { ages, intervalMs, viewer, watch } from "./watch.ts";

const ROUND_TRIP_MS = 100;
const SIZE = "1280x720";
const FPS = 30;

/** The row. A proxy on the way holds everything back, both ways. */
export const roundTrip: Row = {
  about: `pictures over ${ROUND_TRIP_MS} ms of round trip, ${SIZE}@${FPS}`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    const { here, notes } = available([
      ...[camcat(bench.dist), lengths, zmqRequests, zmqPublished, ffmpegTcp, gstreamer],
    ]);
    yield* notes;
    const seconds = bench.long ? 60 : 10;
    const measured = await Promise.all(here.map((peer) => measure(peer, clip, seconds)));
    for (const [index, { name }] of here.entries()) {
      const seen = measured[index];
      const ms = ages(seen);
      const table = `${ROUND_TRIP_MS} ms there and back`;
      const rate = 1000 / intervalMs(seen);
      const target = name === "camcat" ? { atLeast: 29.5 } : undefined;
      yield figure([table, name, "fps"], rate, "fps", 1, target);
      yield figure([table, name, "age, p50, ms"], quantile(ms, 0.5), "ms", 1);
      yield figure([table, name, "age, p99, ms"], quantile(ms, 0.99), "ms", 1);
    }
  },
};

async function measure(peer: Peer, clip: string, seconds: number) {
  const { server, service } = await serve(peer, { clip, fps: FPS });
  await using _server = server;
  await using delay = Program.peer("delay", service.port, ROUND_TRIP_MS / 2);
  const { port } = await delay.next<{ port: number }>("listening");
  await using watching = viewer(peer, { host: service.host, port });
  return await watch(watching, { settleSeconds: 5, seconds });
}
