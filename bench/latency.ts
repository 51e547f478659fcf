/**
 * How long a picture takes from the camera to the viewer.
 *
 * @module
 */

import { type Figure, figure, interleaved, quantile, type Row, type Target } from "./figures.ts";
import {
  available,
  camcat,
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
import { Program } from "./program.ts";
import { ages, asCompiled, type Seen, viewer, watch } from "./watch.ts";

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
    const { here, notes } = available([
      ...[camcat(bench.dist), lengths, zmqRequests, zmqPublished, ffmpegTcp, gstreamer, pump],
      ...[openCvJpeg, openCvPickle],
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
    for (const [name, times] of Object.entries(measured)) yield* figures(name, times.map(ages));
    yield* figures("camcat, since its sender read it", measured.camcat.map(sinceSent));
    const inside = sinceSent(await splitterToReceiver(clip));
    yield* figures("camcat, splitter to receiver", [inside], [{ atMost: 0.3 }, { atMost: 2 }]);
  },
};

/** Warm, and from the moment at which the splitter gives a frame out to the next process. */
async function splitterToReceiver(clip: string): Promise<Seen[]> {
  const [program, ...args] = asCompiled("stamper.ts", clip);
  await using sender = Program.start(program, args);
  const { port } = await sender.next<{ port: number }>("listening");
  await using watching = viewer({ framing: "camcat" }, { host: "127.0.0.1", port });
  return await watch(watching, { settleSeconds: 40, seconds: 15 });
}

function sinceSent(seen: Seen[]): number[] {
  return seen.map(({ arrived, sent }) => arrived - sent!);
}

function* figures(name: string, times: number[][], targets: Target[] = []): Generator<Figure> {
  const all = times.flat();
  const at = (q: number) => times.map((ms) => quantile(ms, q));
  const table = "From ready to received, ms";
  yield figure([table, name, "p50"], at(0.5), "ms", 2, targets[0]);
  yield figure([table, name, "p99"], at(0.99), "ms", 2, targets[1]);
  yield figure([table, name, "max"], quantile(all, 1), "ms", 2);
  yield figure([table, name, "pictures"], all.length, "", 0);
}
