// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { type StreamFacts, StreamReport } from "../../lib/capture/stream_report.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { fuzz } from "../support/random.ts";

/** What ffmpeg prints of an input, by version, and what is in it. */
const CASES: [string, string[], StreamFacts | undefined][] = [
  ["5.1, a film", [
    "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:movie.mp4':",
    "  Metadata:",
    "    title           : Stream #0:0: Video: mjpeg, 1x1",
    "  Duration: 01:02:03.50, start: 0.000000, bitrate: 117 kb/s",
    "  Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s",
    "  Stream #0:1[0x2](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 640x480 [SAR 1:1], 25 fps",
  ], {
    container: "mov,mp4,m4a,3gp,3g2,mj2",
    codec: "h264",
    seconds: 3723.5,
    height: 480,
    isAttached: false,
  }],
  ["4.4, a film", [
    "Input #0, matroska,webm, from 'movie.mkv':",
    "  Duration: 00:00:02.00, start: 0.000000, bitrate: 117 kb/s",
    "    Stream #0:0(eng): Video: mjpeg (Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 64x48, 25 fps (default)",
  ], { container: "matroska,webm", codec: "mjpeg", seconds: 2, height: 48, isAttached: false }],
  ["7.1, a live stream", [
    "Input #0, rtsp, from 'rtsp://host/live':",
    "  Duration: N/A, start: 0.000000, bitrate: N/A",
    "  Stream #0:0: Video: hevc (Main), yuv420p(tv), 1920x1080, 25 fps, 90k tbn",
  ], { container: "rtsp", codec: "hevc", height: 1080, isAttached: false }],
  ["cover art", [
    "Input #0, mp3, from 'a.mp3':",
    "  Duration: 00:00:01.04, start: 0.025056, bitrate: 202 kb/s",
    "  Stream #0:0: Audio: mp3, 44100 Hz, stereo, fltp, 128 kb/s",
    "  Stream #0:1: Video: mjpeg (Baseline), yuvj420p, 320x240, 90k tbr, 90k tbn (attached pic)",
  ], { container: "mp3", codec: "mjpeg", seconds: 1.04, height: 240, isAttached: true }],
  ["no video", [
    "Input #0, wav, from 'x.wav':",
    "  Duration: 00:00:01.00, bitrate: 705 kb/s",
    "  Stream #0:0: Audio: pcm_s16le, 44100 Hz, mono, s16, 705 kb/s",
  ], undefined],
  ["no size", ["Input #0, h264, from 'x':", "  Stream #0:0: Video: h264, none"], {
    ...{ container: "h264", codec: "h264", isAttached: false },
  }],
];

async function factsIn(lines: string[]): Promise<StreamFacts | undefined> {
  const report = new StreamReport();
  for (const line of lines) report.take(line);
  report.end();
  return await report.facts;
}

for (const [name, lines, expected] of CASES) {
  Deno.test({
    name: `StreamReport reads ${name}`,
    permissions: "none",
    async fn() {
      assertEquals(await factsIn(lines), expected);
    },
  });
}

Deno.test("StreamReport reads the ffmpeg that is installed", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/a.mkv`;
  await ffmpeg(["-f", "lavfi", "-i", "testsrc2=size=64x48:duration=2", "-c:v", "mjpeg", path]);
  const { stderr } = await new Deno.Command("ffmpeg", { args: ["-hide_banner", "-i", path] })
    .output();
  assertEquals(await factsIn(new TextDecoder().decode(stderr).split("\n")), {
    ...{ container: "matroska,webm", codec: "mjpeg", seconds: 2, height: 48, isAttached: false },
  });
});

Deno.test({
  name: "StreamReport takes whatever comes",
  permissions: "none",
  fn() {
    const text = new TextEncoder().encode(CASES.flatMap(([, lines]) => lines).join("\n"));
    fuzz(2000, (random) => {
      const report = new StreamReport();
      for (const line of new TextDecoder().decode(random.damaged(text)).split("\n")) {
        report.take(line);
      }
    });
  },
});
