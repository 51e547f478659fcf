// The sender's microphone, on a sound card without hardware.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { receive } from "../../lib/receive/receive.ts";
import type { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { until } from "../support/patience.ts";
import { type Program, programTest, SENDER, startSender, TEST_KEY } from "../support/programs.ts";
import { Pulse } from "../support/pulse.ts";

/** Listens to a sender, and watches, until disposed of. */
class Ear implements AsyncDisposable {
  readonly packets: SoundPacket[] = [];
  /** When each arrived. */
  readonly arrivals: number[] = [];
  frames = 0;
  #stop = new AbortController();
  #listening: Promise<void>;

  constructor(port: number) {
    this.#listening = this.#listen(port);
  }

  async #listen(port: number): Promise<void> {
    const { signal } = this.#stop;
    const onSound = ({ packet }: { packet: SoundPacket }) => {
      this.packets.push(packet);
      this.arrivals.push(now());
    };
    const address = { hostname: "127.0.0.1", port };
    for await (const _ of receive(address, { key: TEST_KEY, signal, onSound })) this.frames++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#listening;
  }
}

const microphone = (state: string) => (event: { event: string; state?: string }) =>
  event.event === "microphone" && event.state === state;
const heard = (sender: Program, from = 0) =>
  sender.event(({ event, sound }) => event === "stats" && sound?.level_db > -30, from);

programTest("sender --sound sends the microphone, and says that it is open", async () => {
  await using pulse = await Pulse.open();
  pulse.play("sine=frequency=1000");
  const { env } = pulse;
  await using sender = startSender(["test", "--size=64x48", "--sound", "mic.monitor"], { env });
  const { microphone: name } = await sender.event(microphone("live"));
  assertEquals(name, "Monitor of Null Output");
  await using ear = new Ear(await sender.port());
  await heard(sender);
  await sender.event(({ event, sound }) => event === "stats" && sound?.listeners === 1);
  await heard(sender, sender.events.length);
  const loudest = Math.min(...ear.packets.map(({ level }) => level));
  assert(loudest > 15 && loudest < 30, `${loudest} dB below the loudest`); // the sine has 1/8
  await until(() => ear.frames > 5, "pictures");
  // A busy machine loses some at times.
  await until(() => {
    const newest = ear.packets.slice(-50);
    const [{ seq, time }] = newest;
    return newest.length === 50 &&
      newest.every((packet, index) =>
        packet.seq === seq + index && Math.abs(packet.time - time - 10 * index) < 5
      );
  }, "packets numbered without a gap, each recorded when the one before had ended");
});

programTest("on demand the microphone is open only while somebody listens", async () => {
  await using pulse = await Pulse.open();
  await using sender = startSender(
    ["test", "--size=64x48", "--sound=mic.monitor", "--on-demand", "--linger=0.2"],
    { env: pulse.env },
  );
  await sender.event(microphone("idle"));
  const recorders = async () => (await pulse.pactl("list", "short", "source-outputs")).trim();
  assertEquals(await recorders(), "");
  const port = await sender.port();
  const stop = new AbortController();
  const address = { hostname: "127.0.0.1", port };
  for await (const _ of receive(address, { key: TEST_KEY, signal: stop.signal })) break; // watches only
  assertEquals(sender.events.filter(microphone("live")), []);
  {
    await using _ear = new Ear(port);
    await sender.event(microphone("live"));
    assert(await recorders() !== "");
  }
  const from = sender.events.findIndex(microphone("live"));
  await sender.event(microphone("idle"), from);
  assertEquals(await recorders(), "");
});

programTest(
  "a sound server that dies takes the sound, not the picture, until it is back",
  async () => {
    await using pulse = await Pulse.open();
    pulse.play("sine=frequency=1000");
    await using sender = startSender(["test", "--size=64x48", "--sound=mic.monitor"], {
      env: pulse.env,
    });
    await sender.event(microphone("live"));
    await using ear = new Ear(await sender.port());
    await heard(sender);
    await pulse.crash();
    const { reason } = await sender.event(microphone("lost"));
    assertMatch(reason, /^Cannot (hear|continue hearing) the microphone Monitor of Null Output/);
    const from = sender.events.length;
    const frames = ear.frames;
    await sender.event(({ event, sound }) => event === "stats" && sound?.live === false, from);
    assert(ear.frames > frames, "the picture has gone on");
    await pulse.restart();
    pulse.play("sine=frequency=1000");
    await sender.event(microphone("live"), from);
    await heard(sender, from);
  },
);

programTest("sender --list shows microphones; without one --sound says what to do", async () => {
  const sender = async (args: string[], env: Record<string, string>) => {
    const { code, stdout, stderr } = await new Deno.Command(SENDER, {
      args,
      env: { CAMCAT_KEY: TEST_KEY.text, XDG_CONFIG_HOME: "/dev/null", ...env },
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  };
  await using pulse = await Pulse.open();
  const { stdout } = await sender(["--list"], pulse.env);
  assertStringIncludes(stdout, "Microphones, for --sound:\n0: Monitor of Null Output (default)\n");
  const { stdout: json } = await sender(["--list", "--json"], pulse.env);
  const last = JSON.parse(json.trim().split("\n").at(-1)!);
  assertEquals([last.kind, last.device, last.default], ["microphone", "spk.monitor", false]);

  const listen = "--listen=127.0.0.1:0";
  const missing = await sender(["test", "--sound=Desk", listen], pulse.env);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stderr, 'Cannot find a microphone "Desk": there are 0: Monitor');
  const none = await sender(["test", "--sound=mic", listen], { PULSE_SERVER: "unix:/nowhere" });
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "Cannot find a microphone: plug one in");
  const wrong = await sender(["test", "--stereo", listen], pulse.env);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot use --stereo without --sound");
});
