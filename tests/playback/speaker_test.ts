// A speaker plays to a real PulseAudio; what its sink gets is heard.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Speaker, type SpeakerEvent } from "../../lib/playback/speaker.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { opusPackets } from "../support/opus.ts";
import { until } from "../support/patience.ts";
import { HEARD_RATE, Pulse } from "../support/pulse.ts";

const PACKET_MS = 10;

/** Plays a tone in real time, over and over, until it is disposed of. */
async function playing(speaker: Speaker): Promise<Disposable> {
  const packets = await opusPackets("sine=frequency=500:duration=1");
  const startMs = now();
  let seq = 0;
  const timer = setInterval(() => {
    for (; startMs + (seq + 1) * PACKET_MS <= now(); seq++) {
      const time = startMs + seq * PACKET_MS;
      speaker.play(new SoundPacket({ seq, time, data: packets[seq % packets.length] }), time);
    }
  }, PACKET_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Resolves when a second of a source was loud without a pause, or was silent. */
async function hears(pulse: Pulse, what: "tone" | "silence"): Promise<void> {
  let samples = 0;
  for await (const heard of pulse.hear()) {
    const isLoud = heard.some((sample) => Math.abs(sample) > 0.02);
    samples = isLoud === (what === "tone") ? samples + heard.length : 0;
    if (samples > HEARD_RATE) return;
  }
}

function pids(name: string): number[] {
  const { stdout } = new Deno.Command("pgrep", { args: ["-P", `${Deno.pid}`, "-x", name] })
    .outputSync();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}

/** Runs a test with a sound card of its own. */
async function withPulse(
  test: (pulse: Pulse, events: SpeakerEvent[], speaker: Speaker) => Promise<void>,
) {
  await using pulse = await Pulse.open();
  Deno.env.set("PULSE_SERVER", pulse.server);
  const stop = new AbortController();
  const events: SpeakerEvent[] = [];
  try {
    await using speaker = new Speaker({
      signal: stop.signal,
      onEvent: (event) => events.push(event),
    });
    using _ = await playing(speaker);
    await test(pulse, events, speaker);
  } finally {
    stop.abort();
    Deno.env.delete("PULSE_SERVER");
  }
}

Deno.test("Speaker plays through the quickest player, and tells the delay", () =>
  withPulse(async (pulse, events, speaker) => {
    await hears(pulse, "tone");
    assertEquals(events, [{ type: "playing", player: "pacat" }]);
    assert(speaker.delayMs! > 0 && speaker.delayMs! < 1000, `${speaker.delayMs} ms`);
    speaker.volume = 0;
    await hears(pulse, "silence");
    speaker.volume = 1;
    await hears(pulse, "tone");
  }));

Deno.test("Speaker starts a player again that was killed", () =>
  withPulse(async (pulse, _events, speaker) => {
    await hears(pulse, "tone");
    for (const pid of pids("pacat")) Deno.kill(pid, "SIGKILL");
    await hears(pulse, "tone");
    const [pid] = pids("pacat");
    Deno.kill(pid, "SIGSTOP"); // it hangs
    await until(() => !pids("pacat").includes(pid), "the end of a player that hangs");
    await hears(pulse, "tone");
    assert(speaker.delayMs! < 1000, `${speaker.delayMs} ms`);
  }));

Deno.test("Speaker plays again when the sound server is back", () =>
  withPulse(async (pulse, events) => {
    await hears(pulse, "tone");
    await pulse.crash();
    await until(() => events.length === 2, "the end of the player");
    await pulse.restart();
    await hears(pulse, "tone");
    assertEquals(events.map(({ type }) => type), ["playing", "failed", "playing"]);
  }));

Deno.test("Speaker says once that nothing can be played", async () => {
  Deno.env.set("PULSE_SERVER", "unix:/nowhere/native");
  const events: SpeakerEvent[] = [];
  try {
    await using speaker = new Speaker({
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
    using _ = await playing(speaker);
    await until(() => events.length > 0, "the event");
    const [failed, ...others] = events;
    assertMatch(JSON.stringify(failed), /^{"type":"failed","reason":"pacat: .*; ffplay: /);
    assertEquals(others, []);
  } finally {
    Deno.env.delete("PULSE_SERVER");
  }
});
