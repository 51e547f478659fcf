/**
 * Bytes that go over the network for a picture.
 *
 * @module
 */

import { bytesPerFrame } from "./clip.ts";
import { figure, type Row } from "./figures.ts";
import {
  available,
  camcat,
  ffmpegHttp,
  ffmpegTcp,
  gstreamer,
  lengths,
  openCvJpeg,
  openCvPickle,
  type Peer,
  receiver,
  serve,
  silentCamcat,
  zmqPublished,
  zmqRequests,
} from "./peers.ts";
import { Program } from "./program.ts";
import { missing } from "./packages.ts";
import { traffic } from "./sockets.ts";
import { pause } from "./system.ts";

const SIZE = "1280x720";
const FPS = 30;
const SECONDS = 8;
const STAMP_BYTES = 20;

/** The row. The stamp that the camera puts into every picture counts as part of it. */
export const wire: Row = {
  about: `bytes of TCP per picture, there and back, ${SIZE}@${FPS}`,
  async *run(bench) {
    const lack = missing(["ss"]);
    if (lack !== undefined) return yield { note: lack };
    // One picture again and again: all are of one size.
    const clip = await bench.clip(SIZE, FPS, "loop=-1:1");
    const { here, notes } = available([
      ...[camcat(bench.dist), silentCamcat(bench.dist), lengths, zmqRequests, zmqPublished],
      ...[ffmpegTcp, ffmpegHttp, gstreamer, openCvJpeg, openCvPickle],
    ]);
    yield* notes;
    await using stack = new AsyncDisposableStack();
    const running: [Peer, number][] = [];
    for (const peer of here) {
      const { server, service } = await serve(peer, { clip, fps: FPS });
      stack.use(server);
      if (peer.isFed && peer.receive !== undefined) stack.use(receiver(peer, service));
      else stack.use(Program.peer("viewer", peer.framing, service.host, service.port));
      running.push([peer, service.port]);
    }
    const picture = await bytesPerFrame(clip) + STAMP_BYTES;
    await pause(2000);
    const before = running.map(([, port]) => traffic(port));
    await pause(SECONDS * 1000);
    const after = running.map(([, port]) => traffic(port));
    for (const [index, [{ name, isFed }]] of running.entries()) {
      const there = after[index].there - before[index].there;
      const back = after[index].back - before[index].back;
      // How many there were follows from the bytes, unless they are other pictures.
      const frames = isFed ? Math.round(there / picture) : FPS * SECONDS;
      yield figure(["Bytes per picture", name, "there"], there / frames, "bytes", 0);
      yield figure(["Bytes per picture", name, "back"], back / frames, "bytes", 0);
      if (isFed) {
        const more = there / frames - picture;
        yield figure(["Bytes per picture", name, "besides the JPEG"], more, "bytes", 0);
      }
    }
  },
};
