/**
 * From the camera to the viewer.
 *
 * @module
 */

import { type Figure, figure, interleaved, quantile, type Row, type Target } from "./figures.ts";
import {
  available,
  camcat,
  camcatWhole,
  ffmpegTcp,
  gstreamer,
  lengths,
  openCvJpeg,
  openCvPickle,
  type Peer,
  pump,
  serve,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";
import { ages, type Seen, viewer, watch } from "./watch.ts";

const SIZE = "1280x720";
const FPS = 30;
const TIMES = 2;

/**
 * The row. The time begins when the camera has the picture, before it writes it into the
 * server's standard input, and ends when the viewer, another process, has it complete.
 */
export const latency: Row = {
  about: `picture ready to picture received, ${SIZE}@${FPS}`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    const usual = camcatWhole(bench.dist); // its pictures tell no time, but its sender does
    const { here, notes } = available([
      ...[camcat(bench.dist), lengths, zmqRequests, zmqPublished, ffmpegTcp, gstreamer, pump],
      ...[openCvJpeg, openCvPickle, usual],
    ]);
    yield* notes;
    const measure = (peer: Peer) => async () => {
      const { server, service } = await serve(peer, { clip, fps: FPS });
      await using _server = server;
      await using watching = viewer(peer, service);
      return await watch(watching, { settleSeconds: 2, seconds: bench.long ? 30 : 4 });
    };
    const measured = await interleaved(
      TIMES,
      Object.fromEntries(here.map((peer) => [peer.name, measure(peer)])),
    );
    const { [usual.name]: fed, ...stamped } = measured;
    for (const [name, times] of Object.entries(stamped)) yield* figures(name, times.map(ages));
    const inside = (times: Seen[][]) =>
      times.map((seen) => seen.map(({ arrived, read }) => arrived - read!));
    yield* figures("camcat, since its sender read it", inside(measured.camcat));
    yield* figures(`${usual.name}, since then`, inside(fed), [{ atMost: 0.3 }, { atMost: 2 }]);
  },
};

function* figures(name: string, times: number[][], targets: Target[] = []): Generator<Figure> {
  const all = times.flat();
  const at = (q: number) => times.map((ms) => quantile(ms, q));
  const table = "From ready to received, ms";
  yield figure([table, name, "p50"], at(0.5), "ms", 2, targets[0]);
  yield figure([table, name, "p99"], at(0.99), "ms", 2, targets[1]);
  yield figure([table, name, "max"], quantile(all, 1), "ms", 2);
  yield figure([table, name, "pictures"], all.length, "", 0);
}
