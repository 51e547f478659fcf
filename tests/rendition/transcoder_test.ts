// Real JPEGs through a real ffmpeg.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { qscaleOf } from "../../lib/rendition/quality.ts";
import { Transcoder } from "../../lib/rendition/transcoder.ts";
import { EOI, ffmpegJpegs, join, SOI } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import { childrenOf } from "../support/processes.ts";

const SMALL = {
  source: { width: 640, height: 480 },
  size: { width: 160, height: 120 },
  qscale: 18,
};

Deno.test("Transcoder gives one smaller, coarser JPEG for each, with its number and time", async () => {
  const { signal } = new AbortController();
  await using transcoder = new Transcoder({ ...SMALL, signal });
  for (const [index, jpeg] of (await ffmpegJpegs("640x480", 20)).entries()) {
    const source = Frame.from(jpeg, { time: 1000 + index, seq: index });
    const before = source.withHeader(Uint8Array.of(1, 2, 3)).slice();
    const frame = (await transcoder.encode(source))!;
    assertEquals(sizeOf(frame.jpeg), SMALL.size);
    assert(Math.abs(qscaleOf(frame.jpeg)! - SMALL.qscale) < 3);
    assertEquals([frame.seq, frame.time], [index, 1000 + index]);
    assert(frame.jpeg.length < jpeg.length / 4);
    // Nothing was written into the room that belongs to senders of the source.
    assertEquals(source.withHeader(Uint8Array.of(1, 2, 3)), before);
    frame.release();
  }
});

Deno.test("Transcoder takes other sizes and samplings on the way", async () => {
  const { signal } = new AbortController();
  await using transcoder = new Transcoder({ ...SMALL, signal });
  const [large] = await ffmpegJpegs("1280x720", 1);
  const [other] = await ffmpegJpegs("320x240", 1, ["-pix_fmt", "yuvj444p"]);
  for (const jpeg of [large, other, large]) {
    const frame = await transcoder.encode(Frame.from(jpeg, { time: 0 }));
    assertEquals(frame && sizeOf(frame.jpeg), SMALL.size);
  }
});

Deno.test("Transcoder gives up a JPEG that makes no sense, and says so", async () => {
  const { signal } = new AbortController();
  await using transcoder = new Transcoder({ ...SMALL, signal });
  assertEquals(await transcoder.encode(Frame.from(join(SOI, EOI), { time: 0 })), undefined);
});

Deno.test("Transcoder says so when its ffmpeg is killed, also while it encodes", async () => {
  const { signal } = new AbortController();
  await using transcoder = new Transcoder({ ...SMALL, signal });
  const [jpeg] = await ffmpegJpegs("640x480", 1);
  const source = Frame.from(jpeg, { time: 0 });
  (await transcoder.encode(source))!.release();
  const ffmpegs = [...await childrenOf(Deno.pid)].filter(([, name]) => name === "ffmpeg");
  assertEquals(ffmpegs.length, 1);
  Deno.kill(ffmpegs[0][0], "SIGKILL");
  await until(async () => (await transcoder.encode(source)) === undefined, "the end of ffmpeg");
  await until(() => transcoder.hasEnded, "the end of the transcoder");
});

Deno.test("Transcoder ends when it is aborted, before its first picture, too", async () => {
  const stop = new AbortController();
  const transcoder = new Transcoder({ ...SMALL, signal: stop.signal });
  stop.abort();
  await transcoder[Symbol.asyncDispose]();
  assert(transcoder.hasEnded);
});
