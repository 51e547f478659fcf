/**
 * The first moments of the programs, and what they take while nothing happens.
 *
 * @module
 */

import { receive } from "../lib/receive/receive.ts";
import { figure, interleaved, type Row } from "./figures.ts";
import {
  available,
  camcat,
  camcatWhole,
  ffmpegHttp,
  ffmpegWhole,
  gstreamer,
  lengths,
  type Peer,
  pump,
  serve,
  type Service,
} from "./peers.ts";
import { Program } from "./program.ts";
import { freePort, listening } from "./sockets.ts";
import { monotonicMs, pause, rssMb } from "./system.ts";

const FPS = 30;
const TIMES = 5;
const SETTLE_MS = 4000;
const [EOI_FF, EOI_D9] = [0xff, 0xd9];

/**
 * The row. ffmpeg plays the video everywhere. The viewer is this program, connects as soon
 * as the port is open, and takes a picture for received at the end of the first JPEG.
 */
export const start: Row = {
  about: "start of the server to the first picture complete at a viewer; memory when idle",
  async *run(bench) {
    const clip = await bench.clip("1280x720", FPS);
    const { here, notes } = available([
      ...[camcatWhole(bench.dist), lengths, ffmpegWhole, ffmpegHttp, gstreamer, pump],
    ]);
    yield* notes;
    const measured = await interleaved(
      TIMES,
      Object.fromEntries(here.map((peer) => [peer.name, () => firstPicture(peer, clip)])),
    );
    for (const [name, ms] of Object.entries(measured)) {
      const target = name.startsWith("camcat") ? { atMost: 600 } : undefined;
      yield figure(["To the first picture, ms", name, "start to picture"], ms, "ms", 0, target);
    }

    const service: Service = { host: "127.0.0.1", port: freePort(), clip: "test", fps: FPS };
    const [program, ...args] = camcatWhole(bench.dist).serve(service);
    await using sender = Program.start(program, [
      ...args.filter((arg) => arg !== "--loop"),
      "--on-demand",
    ]);
    await sender.unlessEnded(listening(service.port));
    // deno-fmt-ignore
    await using receiver = Program.start(`${bench.dist}/receiver`, [
      "--listen=127.0.0.1:0", "--no-display", "--json",
    ]);
    await receiver.next("listening");
    await pause(SETTLE_MS);
    for (const [what, { pid }] of Object.entries({ sender, receiver })) {
      const place = ["Idle", `${camcat("").name}, ${what}`, "memory"] as const;
      yield figure([...place], rssMb(pid), "MB", 0, { atMost: 100 });
    }
  },
};

async function firstPicture(peer: Peer, clip: string): Promise<number> {
  const feed = ["ffmpeg", "-loglevel", "error", "-nostdin", "-re", "-stream_loop", "-1"];
  const since = monotonicMs();
  const { server, service } = await serve(peer, {
    ...{ clip, fps: FPS },
    feed: [...feed, "-i", clip, "-c", "copy", "-f", "mjpeg", "pipe:1"],
  });
  await using _server = server;
  const { host: hostname, port } = service;
  if (peer.framing === "camcat") {
    for await (const _frame of receive({ hostname, port }, { once: true })) {
      return monotonicMs() - since;
    }
  }
  using connection = await Deno.connect({ hostname, port });
  if (peer === ffmpegHttp) {
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: camera\r\n\r\n"));
  }
  const buffer = new Uint8Array(1 << 18);
  for (let last = 0, count; (count = await connection.read(buffer)) !== null;) {
    for (let index = 0; index < count; index++) {
      if (last === EOI_FF && buffer[index] === EOI_D9) return monotonicMs() - since;
      last = buffer[index];
    }
  }
  throw new Error("Cannot measure: no picture came through");
}
