// The sound that sources have themselves, with real ffmpeg.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Capture } from "../../lib/capture/capture.ts";
import type { Source } from "../../lib/capture/source.ts";
import type { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";

/** What comes of a source until so many packets and frames have come, or it ends. */
async function capture(source: Source, packets: number) {
  const stop = new AbortController();
  const heard: { packet: SoundPacket; at: number }[] = [];
  const notes: string[] = [];
  let frames = 0;
  const options = {
    signal: stop.signal,
    onNote: (note: string) => notes.push(note),
    sound: {
      channels: 1 as const,
      onPacket: (packet: SoundPacket) => heard.push({ packet, at: now() }),
    },
  };
  for await (const frame of new Capture(source).frames(options)) {
    frame.release();
    frames++;
    if (heard.length >= packets && frames >= 5) stop.abort();
  }
  return { heard, frames, notes };
}

/** Fails unless the packets follow each other, and were recorded before they came. */
function assertSteady(heard: { packet: SoundPacket; at: number }[]): void {
  heard.forEach(({ packet, at }, index) => {
    assertEquals(packet.durationMs, 10);
    assert(packet.time < at && packet.time > at - 30_000, `recorded ${at - packet.time} ms before`);
    if (index > 0) assert(packet.time > heard[index - 1].packet.time - 1);
  });
}

Deno.test("Capture gives the sound of the built-in picture: a tick each second", async () => {
  const { heard, frames } = await capture({ kind: "test" }, 250);
  assertSteady(heard);
  assert(frames >= 5);
  // Silence takes a few bytes in a packet, a tick many.
  const isLoud = heard.map(({ packet }) => packet.data.length > 20);
  const starts = isLoud.flatMap((loud, index) => loud && !isLoud[index - 1] ? [index] : []);
  assertEquals(starts.slice(0, 3).map((index) => Math.round(index / 100)), [0, 1, 2]);
  // The level follows the ticks: -12 dB of a sine are -15 dB on the average.
  const loudest = Math.min(...heard.map(({ packet }) => packet.level));
  assert(loudest >= 14 && loudest <= 20, `${loudest} dB below the loudest`);
});

Deno.test("Capture gives the sound of a file, and says if it has none", async () => {
  await using folder = new Folder();
  const [loud, mute] = ["loud.mkv", "mute.mkv"].map((name) => `${folder.path}/${name}`);
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=1"];
  const sound = ["-f", "lavfi", "-i", "sine=duration=1"];
  await ffmpeg([...picture, ...sound, "-c:v", "mjpeg", loud]);
  await ffmpeg([...picture, "-c:v", "mjpeg", mute]);
  const { heard, frames } = await capture({ kind: "file", path: loud }, Infinity);
  assertEquals(frames, 25);
  assert(heard.length >= 98 && heard.length <= 103, `${heard.length} packets of a second`);
  assertSteady(heard);
  const silent = await capture({ kind: "file", path: mute }, Infinity);
  assertEquals([silent.frames, silent.heard.length], [25, 0]);
  assertEquals(silent.notes, ["mute.mkv has no sound"]);
});

for (const hasSound of [true, false]) {
  const what = hasSound ? "the sound" : "the pictures alone, if there is no sound,";
  Deno.test(`Capture gives ${what} of a stream that can be read only once`, async () => {
    const camera = new Deno.Command("ffmpeg", {
      args: [
        ...["-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25"],
        ...(hasSound ? ["-re", "-f", "lavfi", "-i", "sine", "-c:a", "mp2"] : []),
        ...["-c:v", "mpeg2video", "-f", "mpegts", "-flush_packets", "1", "-"],
      ],
      ...{ stdin: "null", stdout: "piped", stderr: "null" },
    }).spawn();
    let body: ReadableStream<Uint8Array> | undefined = camera.stdout;
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
      const mine = body;
      body = undefined;
      return new Response(mine ?? null, { headers: { "Content-Type": "video/mp2t" } });
    });
    const url = `http://127.0.0.1:${server.addr.port}/live`;
    const { heard, frames } = await capture({ kind: "url", url }, hasSound ? 50 : 0);
    assert(frames >= 5);
    if (hasSound) assertSteady(heard);
    else assertEquals(heard, []);
    camera.kill("SIGKILL");
    await camera.status;
  });
}
