// Recordings with sound, read by ffprobe and decoded by ffmpeg.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { RecordingEvent } from "../../lib/record/recording_event.ts";
import { RecordingOutput } from "../../lib/record/recording_output.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { opusPackets } from "../support/opus.ts";
import { until } from "../support/patience.ts";
import { ffprobe } from "../support/recordings.ts";

const START = new Date(2026, 10, 21, 19, 26, 47, 250).getTime();
const [jpeg] = await ffmpegJpegs("64x48", 1);
const FRAME_MS = 50;
const PACKET_MS = 10;
/** A tone of 3 s, and another one from 1 s to 2 s. */
const TWO_TONES =
  "aevalsrc='0.3*sin(2*PI*if(between(t,1,2),900,300)*t)':duration=3:sample_rate=48000";
const packets = await opusPackets(TWO_TONES);

/** What a sender tells of its stream. */
function stream(channels = 1) {
  const sound = channels === 0 ? {} : { sound: { channels, live: true, reason: "" } };
  return { type: "stream", name: "yard", live: true, reason: "", ...sound } as const;
}

/** Records pictures and sound from one time to another, as they would arrive; `without` some. */
function record(
  recording: RecordingOutput,
  { fromMs = 0, untilMs = 3000, frames = (_ms: number) => true, sound = (_ms: number) => true },
): void {
  for (let ms = fromMs; ms < untilMs; ms += PACKET_MS) {
    const seq = ms / PACKET_MS;
    if (sound(ms)) {
      const packet = new SoundPacket({ seq, time: ms, data: packets[seq % packets.length] });
      recording.hear?.({ packet, capturedAt: START + ms });
    }
    if (ms % FRAME_MS === 0 && frames(ms)) {
      const frame = Frame.from(jpeg, { time: ms });
      recording.take({ frame, capturedAt: START + ms, live: true, dropped: 0 });
    }
  }
}

/** The times of the packets of a stream, in milliseconds, and the seconds that it has. */
async function soundIn(path: string) {
  const { packets, streams } = await ffprobe(path, ["-select_streams", "a"]);
  return { times: packets.map(({ pts_time }) => Number(pts_time) * 1000), streams };
}

/** How much of a part of the sound of a file is its tone, in percent of the loudest. */
async function toneIn(path: string, frequency: number, fromMs: number, untilMs: number) {
  const cut = `atrim=${fromMs / 1000}:${untilMs / 1000}`;
  const band =
    `bandpass=f=${frequency}:width_type=h:w=50,bandpass=f=${frequency}:width_type=h:w=50`;
  const levelOf = async (filters: string) => {
    const pcm = await ffmpeg(["-i", path, "-af", filters, "-ac", "1", "-f", "f32le", "pipe:1"]);
    const samples = new Float32Array(pcm.slice().buffer);
    return Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
  };
  return 100 * await levelOf(`${cut},${band}`) / await levelOf(cut);
}

for (const extension of ["mkv", "mp4"]) {
  Deno.test(`RecordingOutput records sound with its times into a .${extension}`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x.${extension}`;
    const recording = new RecordingOutput(path);
    recording.follow(stream());
    record(recording, { sound: (ms) => ms < 2000 || ms >= 2500 });
    await recording[Symbol.asyncDispose]();

    const { times, streams } = await soundIn(path);
    assertEquals(streams.map(({ codec_name }) => codec_name), ["opus"]);
    assertEquals(times.length, 250);
    for (const [index, time] of times.entries()) {
      assertAlmostEquals(time, index * PACKET_MS + (index >= 200 ? 500 : 0), 1);
    }
    const whole = await ffprobe(path);
    assertEquals(whole.packets.length, 60 + 250);
    // The tone changes where it should.
    assert(await toneIn(path, 300, 100, 900) > 70);
    assert(await toneIn(path, 900, 1100, 1900) > 70);
    assert(await toneIn(path, 900, 100, 900) < 30);
  });

  Deno.test(`RecordingOutput leaves a .${extension} with sound that can be played after a kill`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x.${extension}`;
    const recording = new RecordingOutput(path);
    recording.follow(stream());
    record(recording, {});
    const written = () => Deno.statSync(path).size > 0 && recording.status().json.recorded_frames;
    await until(() => Number(written()) >= 40, "the first chunks");
    const copy = `${folder.path}/copy.${extension}`;
    await Deno.copyFile(path, copy);
    await recording[Symbol.asyncDispose]();
    const { times } = await soundIn(copy);
    assert(times.length >= 200 && times.length <= 300, `${times.length} packets`);
    assert(await toneIn(copy, 300, 100, 900) > 70);
  });

  Deno.test(`RecordingOutput goes on with the sound in a .${extension} when the picture is lost`, async () => {
    await using folder = new Folder();
    const path = `${folder.path}/x.${extension}`;
    const recording = new RecordingOutput(path);
    recording.follow(stream(2));
    record(recording, { frames: (ms) => ms < 1000 });
    await recording[Symbol.asyncDispose]();
    const { times } = await soundIn(path);
    assertEquals(times.length, 300);
    assertAlmostEquals(times.at(-1)!, 2990, 1);
  });
}

Deno.test("RecordingOutput divides sound among segments as it does pictures", async () => {
  await using folder = new Folder();
  const events: RecordingEvent[] = [];
  const onEvent = (event: RecordingEvent) => events.push(event);
  const recording = new RecordingOutput(`${folder.path}/`, { segmentMs: 1000, onEvent });
  recording.follow(stream());
  record(recording, {});
  await recording[Symbol.asyncDispose]();
  const files = events.flatMap((event) => event.type === "ended" ? [event.file] : []);
  assertEquals(files.length, 3);
  for (const file of files) {
    const { times } = await soundIn(file);
    assertAlmostEquals(times.length, 100, 5);
    assert(times[0] < 60 && times.at(-1)! > 930, `${times[0]} to ${times.at(-1)}`);
  }
});

Deno.test("RecordingOutput records after a pause with the sound that came before the picture", async () => {
  await using folder = new Folder();
  const events: RecordingEvent[] = [];
  const onEvent = (event: RecordingEvent) => events.push(event);
  const recording = new RecordingOutput(`${folder.path}/`, { onEvent });
  recording.follow(stream());
  record(recording, { untilMs: 1000 });
  recording.pause();
  record(recording, { fromMs: 2000, frames: (ms) => ms >= 2200 });
  await recording[Symbol.asyncDispose]();
  const files = events.flatMap((event) => event.type === "ended" ? [event.file] : []);
  const [first, second] = await Promise.all(files.map(soundIn));
  assertEquals([first.times.length, second.times.length], [100, 80]);
  assertAlmostEquals(second.times[0], 0, 1);
});

Deno.test("RecordingOutput makes no track for a stream without sound", async () => {
  await using folder = new Folder();
  const path = `${folder.path}/x.mkv`;
  const recording = new RecordingOutput(path);
  recording.follow(stream(0));
  record(recording, {});
  await recording[Symbol.asyncDispose]();
  assertEquals((await soundIn(path)).streams, []);
});

Deno.test("RecordingOutput says that a .mjpeg holds no sound, and asks for none", async () => {
  await using folder = new Folder();
  const events: RecordingEvent[] = [];
  const onEvent = (event: RecordingEvent) => events.push(event);
  const recording = new RecordingOutput(`${folder.path}/x.mjpeg`, { onEvent });
  assertEquals(recording.hear, undefined);
  for (let count = 0; count < 3; count++) recording.follow(stream());
  record(recording, {});
  await recording[Symbol.asyncDispose]();
  const silent = events.filter(({ type }) => type === "silent");
  assertEquals(silent, [{ type: "silent", extension: ".mjpeg" }]);
});
