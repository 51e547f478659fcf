// The compiled receiver plays, records and listens for what the sender's microphone hears.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Folder } from "../support/folder.ts";
import {
  type Program,
  programTest,
  RECEIVER,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { Pty } from "../support/pty.ts";
import { HEARD_RATE, Pulse } from "../support/pulse.ts";
import { ffprobe } from "../support/recordings.ts";

const TONE = "sine=frequency=440";
const QUIET_AND_LOUD = "aevalsrc='if(lt(t,4),0.002,0.5)*sin(2*PI*440*t)'";

/** Starts a sender with the sound card's microphone. */
function sending(pulse: Pulse): Program {
  const args = ["test", "--size=160x120", "--fps=10", "--sound=mic.monitor"];
  return startSender(args, { env: pulse.env });
}

/** Resolves when half a second of what is played was a tone, or was silent. */
async function hears(pulse: Pulse, what: "tone" | "silence"): Promise<void> {
  let samples = 0;
  for await (const heard of pulse.hear()) {
    const isLoud = heard.some((sample) => Math.abs(sample) > 0.02);
    samples = isLoud === (what === "tone") ? samples + heard.length : 0;
    if (samples > HEARD_RATE / 2) return;
  }
}

programTest("receiver --sound plays the sound, and tells how loud it is", async () => {
  await using pulse = await Pulse.open();
  pulse.play(TONE);
  await using sender = sending(pulse);
  const address = `127.0.0.1:${await sender.port()}`;
  const args = [address, "--no-display", "--sound"];
  await using receiver = startReceiver(args, { env: pulse.env });
  await hears(pulse, "tone");
  await receiver.event(({ event, state, player }) =>
    event === "sound" && state === "playing" && player === "pacat"
  );
  await receiver.event(({ event, sound_db, sound_delay_ms }) =>
    event === "stats" && sound_db > -30 && sound_delay_ms > 0
  );
});

programTest(
  "receiver asks for no sound that it neither plays, records nor listens for",
  async () => {
    await using pulse = await Pulse.open();
    const args = ["test", "--size=160x120", "--sound=mic.monitor", "--on-demand"];
    await using sender = startSender(args, { env: pulse.env });
    const address = `127.0.0.1:${await sender.port()}`;
    await using _ = startReceiver([address, "--no-display"], { env: pulse.env });
    await sender.event(({ event, frames }) => event === "stats" && frames > 5);
    const isLive = ({ event, state }: { event: string; state?: string }) =>
      event === "microphone" && state === "live";
    assert(!sender.events.some(isLive));
    await using folder = new Folder();
    const record = [address, "--no-display", `--record=${folder.path}/x.mkv`];
    await using _recording = startReceiver(record, { env: pulse.env });
    await sender.event(isLive);
  },
);

programTest("m mutes the sound of a picture in a terminal, and plays it again", async () => {
  await using pulse = await Pulse.open();
  pulse.play(TONE);
  await using sender = sending(pulse);
  const address = `127.0.0.1:${await sender.port()}`;
  await using pty = new Pty(RECEIVER, [address, "--display=terminal", "--mute"], {
    ...{ columns: 160, rows: 24 },
    env: pulse.env,
  });
  await pty.shows((screen) => /sound muted/.test(screen.row(23)), "that it is muted");
  await hears(pulse, "silence");
  await pty.type("m");
  await hears(pulse, "tone");
  await pty.shows((screen) => /sound [▁▂▃▄▅▆▇█] \d+ ms/.test(screen.row(23)), "how loud it is");
  await pty.type("m");
  await hears(pulse, "silence");
});

for (const extension of ["mkv", "mp4"]) {
  programTest(`a killed receiver leaves a .${extension} with sound and picture`, async () => {
    await using pulse = await Pulse.open();
    pulse.play(TONE);
    await using folder = new Folder();
    await using sender = sending(pulse);
    const address = `127.0.0.1:${await sender.port()}`;
    const path = `${folder.path}/x.${extension}`;
    await using receiver = startReceiver([address, "--no-display", `--record=${path}`]);
    await receiver.event(({ event, recorded_frames }) => event === "stats" && recorded_frames > 50);
    receiver.signal("SIGKILL");
    await receiver.status();
    const { streams } = await ffprobe(path);
    assertEquals(streams.map(({ codec_name }) => codec_name), ["mjpeg", "opus"]);
    const timesOf = async (stream: "v" | "a") => {
      const { packets } = await ffprobe(path, ["-select_streams", stream]);
      return packets.map(({ pts_time }) => Number(pts_time));
    };
    const [frames, sounds] = [await timesOf("v"), await timesOf("a")];
    assert(frames.length > 40, `${frames.length} frames`);
    // In its first second the sender corrects the times of what had piled up in the microphone. From
    // then on there are 100 packets a second.
    const steady = sounds.filter((time) => time > sounds[0] + 1.5);
    assert(steady.length > 50, `${steady.length} packets`);
    // A sound server on a busy machine loses some at times.
    const steps = steady.slice(1).map((time, index) => time - steady[index]).sort((a, b) => a - b);
    const usual = steps[steps.length >> 1];
    assert(Math.abs(usual - 0.01) < 0.002, `a packet every ${usual} s`);
    const apart = Math.abs(sounds.at(-1)! - frames.at(-1)!);
    assert(apart < 1, `the sound ends ${apart} s away from the picture`);
  });
}

programTest("receiver --motion --loud records when it is loud", async () => {
  await using pulse = await Pulse.open();
  await using folder = new Folder();
  await using sender = sending(pulse);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = startReceiver([
    ...[address, "--no-display", `--record=${folder.path}/`, "--before=1s", "--after=2s"],
    ...["--motion", "--motion-area=100", "--loud=20"],
  ]);
  pulse.play(QUIET_AND_LOUD);
  const began = await receiver.event(({ event, state }) => event === "motion" && state === "began");
  assertEquals(began.by, "sound");
  assert(began.db >= -20, `${began.db} dB`);
  await receiver.event(({ event, state }) => event === "recording" && state === "started");
});
