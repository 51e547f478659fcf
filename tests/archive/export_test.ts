// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { exportSpan } from "../../lib/archive/export.ts";
import { Recordings } from "../../lib/archive/recordings.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { MATROSKA } from "../../lib/record/formats.ts";
import { Naming } from "../../lib/record/naming.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { ffprobe, mux } from "../support/recordings.ts";

const NOON = new Date(2026, 10, 20, 12).getTime();

Deno.test("exportSpan() keeps the times of the pictures, cuts gaps out, and leaves nothing behind", async () => {
  await using folder = new Folder();
  const yard = `${folder.path}/yard/`;
  await Deno.mkdir(yard);
  const spacing = [0, 40, 110, 300, 1000, 1500]; // not a fixed rate
  for (const [startMs, size] of [[NOON, "161x121"], [NOON + 60_000, "320x240"]] as const) {
    const source = ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=10`, "-frames:v", "6"];
    const clip = await ffmpeg([...source, "-c:v", "mjpeg", "-f", "mjpeg", "pipe:1"]);
    const frames = new JpegSplitter().push(clip).map(({ jpeg }, index) => ({
      jpeg: jpeg.slice(),
      timeMs: startMs + spacing[index],
    }));
    const path = yard + new Naming().name(startMs, ".mkv");
    await Deno.writeFile(path, mux(MATROSKA, frames, startMs === NOON).bytes);
    await Deno.utime(path, new Date(startMs + 1500), new Date(startMs + 1500));
  }
  const recordings = new Recordings(yard, new Naming());
  const file = `${folder.path}/out.mp4`;
  const options = {
    ...{ file, onProgress: () => {}, onLine: () => {}, signal: new AbortController().signal },
    span: { fromMs: NOON + 100, toMs: NOON + 120_000 },
  };
  const done = await exportSpan(recordings, options);
  assertEquals([done?.frames, done?.gaps], [10, 1]);
  const { packets, streams: [{ codec_name, width, height }] } = await ffprobe(file);
  assertEquals([codec_name, width, height], ["h264", 162, 122]);
  const times = packets.map(({ pts_time }) => Math.round(Number(pts_time) * 1000))
    .sort((a, b) => a - b);
  const gapAt = 1500 - 110 + 40;
  const expected = [...spacing.slice(2).map((ms) => ms - 110), ...spacing.map((ms) => ms + gapAt)];
  assertEquals(times.map((ms) => ms - times[0]), expected);

  await assertRejects(() => exportSpan(recordings, options), CamcatError, "Cannot export to");
  const other = { ...options, file: `${folder.path}/other.mp4` };
  const nothing = { ...other, span: { fromMs: NOON + 10_000, toMs: NOON + 20_000 } };
  await assertRejects(() => exportSpan(recordings, nothing), CamcatError, "nothing was recorded");
  const stop = new AbortController();
  const stopped = { ...other, signal: stop.signal, onProgress: () => stop.abort() };
  assertEquals(await exportSpan(recordings, stopped), undefined);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "out.mp4",
    "yard",
  ]);
  assert(times.length === 10);
});
