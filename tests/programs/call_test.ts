// Calls between compiled programs: windows on one X server, and a sound card for each end.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Link, linkLack } from "../../bench/link.ts";
import { Key } from "../../lib/security/key.ts";
import { Display, isNoSignal } from "../support/display.ts";
import { until } from "../support/patience.ts";
import {
  CALL,
  type Event,
  Program,
  programTest,
  startCall,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { Pty } from "../support/pty.ts";
import { hearsTone, Pulse } from "../support/pulse.ts";
import { skipped } from "../support/skipped.ts";

const lack = Deno.build.os === "linux" ? linkLack() : "network namespaces need Linux";
if (lack !== undefined) skipped(`calls over a network that is cut: ${lack}`);

const PICTURE = ["--camera=test", "--size=320x240"];
/** An end that only has a picture to give, and shows none. */
const PLAIN = [...PICTURE, "--no-sound", "--no-display"];

const is = (name: string, fields: Partial<Event> = {}) => (event: Event) =>
  event.event === name &&
  Object.entries(fields).every(([field, value]) => event[field] === value);

programTest(
  "call NAME: both ends see and hear each other, also after the network was cut; q hangs up",
  async () => {
    using link = new Link(100);
    await using display = await Display.open();
    await using kitchenSound = await Pulse.open();
    await using officeSound = await Pulse.open();
    kitchenSound.play("sine=frequency=440");
    officeSound.play("sine=frequency=1200");
    const common = ["--camera=test", "--size=960x540", "--wait=1m", "--no-echo-cancel"];
    await using kitchen = startCall(
      [...common, "--name=kitchen", "--auto-answer", `--listen=${link.here}:0`, "--no-self"],
      { env: { ...display.env, ...kitchenSound.env } },
    );
    await kitchen.event(is("listening"));
    const [command, ...through] = link.through;
    await using office = new Program(
      command,
      [...through, CALL, "--json", "kitchen", ...common, "--name=office"],
      { env: { ...display.env, ...officeSound.env } },
    );
    await Promise.all([kitchen.event(is("picture")), office.event(is("picture"))]);
    await Promise.all([hearsTone(kitchenSound, 1200), hearsTone(officeSound, 440)]);
    for (const [title, count] of [["office (you)", 1], ["office", 2], ["kitchen", 1]] as const) {
      await until(async () => (await display.windowsTitled(title)).length === count, title);
    }
    const [own] = await display.windowsTitled("office (you)");
    const [far] = (await display.windowsTitled("kitchen")).filter((id) => id !== own);
    const [inner, outer] = await Promise.all([own, far].map((id) => display.place(id)));
    assert(inner.x > outer.x && inner.x + inner.width < outer.x + outer.width / 2);
    assert(inner.y > outer.y && inner.y + inner.height < outer.y + outer.height / 2);

    const before = [kitchen.events.length, office.events.length];
    link.isCut = true;
    await Promise.all([
      kitchen.event(is("line", { state: "lost" }), before[0]),
      office.event(is("line", { state: "lost" }), before[1]),
    ]);
    for (const name of ["kitchen", "office"]) {
      const says = async () => await display.windowsTitled(`${name} - NOT LIVE`);
      await until(async () => (await says()).length === 1, `a title that says so of ${name}`);
    }
    const windows = await display.windowsTitled("NOT LIVE"); // one is behind the other
    await until(async () => {
      return (await Promise.all(windows.map((it) => display.look(it)))).some(isNoSignal);
    }, "NO SIGNAL in the window");
    link.isCut = false;
    const since = [kitchen.events.length, office.events.length];
    await office.event(is("line", { state: "back" }), since[1]);
    await kitchen.event(is("line", { state: "back" }), since[0]);
    const live = (event: Event) => event.event === "stats" && event.fps > 10;
    await Promise.all([kitchen.event(live, since[0] + 3), office.event(live, since[1] + 3)]);
    await Promise.all([hearsTone(kitchenSound, 1200), hearsTone(officeSound, 440)]);

    await display.press((await display.windowsTitled("kitchen"))[0], "q");
    assertEquals((await office.event(is("hangup"))).by, "us");
    assertEquals((await kitchen.event(is("hangup"))).by, "them");
    assertEquals((await office.status()).code, 0);
    for (const pulse of [kitchenSound, officeSound]) {
      assertEquals((await pulse.pactl("list", "short", "source-outputs")).trim(), "");
    }
    assertEquals(await kitchen.stop(), 0);
  },
  lack !== undefined,
);

programTest("a call is accepted on the terminal; before that nothing is open; --once", async () => {
  await using pulse = await Pulse.open();
  const args = ["--listen=127.0.0.1:0", ...PICTURE, "--no-display", "--name=kitchen", "--once"];
  await using kitchen = new Pty(CALL, args, { columns: 100, rows: 24, env: pulse.env });
  await kitchen.shows((screen) => /call 127\.0\.0\.1:\d+/.test(screen.text), "the address");
  const [, address] = /call (127\.0\.0\.1:\d+)/.exec(kitchen.screen.text)!;
  const recorders = async () => (await pulse.pactl("list", "short", "source-outputs")).trim();

  await using first = startCall([address, ...PLAIN, "--name=office"]);
  await kitchen.shows((screen) => screen.text.includes("calls. Accept? y/n"), "the question");
  assertEquals(await recorders(), "");
  await pulseRings(pulse);
  await kitchen.type("n");
  assertEquals((await first.event(is("not-accepted"))).outcome, "refused");
  assertEquals((await first.status()).code, 1);

  await using second = startCall([address, ...PLAIN, "--name=office"]);
  await kitchen.shows((screen) => screen.text.split("Accept? y/n").length === 3, "a question");
  await kitchen.type("y");
  await second.event(is("picture"));
  await until(async () => await recorders() !== "", "an open microphone");
  await kitchen.type("q");
  assertEquals((await second.event(is("hangup"))).by, "them");
  assertEquals((await second.status()).code, 0);
  await until(async () => await recorders() === "", "a closed microphone");
  const { status, echo, canonical } = await kitchen.left();
  assertEquals([status, echo, canonical], [0, true, true]);
});

async function pulseRings(pulse: Pulse): Promise<void> {
  for await (const heard of pulse.hear()) {
    if (heard.some((sample) => Math.abs(sample) > 0.05)) return;
  }
}

programTest(
  "a third caller hears busy; a killed end is waited for, and others can call then",
  async () => {
    await using kitchen = startCall([...PLAIN, "--name=kitchen", "--wait=1s"]);
    const address = `127.0.0.1:${await kitchen.port()}`;
    await using office = startCall([address, ...PLAIN, "--name=office"]);
    await Promise.all([kitchen.event(is("picture")), office.event(is("picture"))]);
    await using third = startCall([address, ...PLAIN]);
    assertEquals((await third.event(is("not-accepted"))).outcome, "busy");
    assertEquals((await third.status()).code, 1);

    office.signal("SIGKILL");
    await kitchen.event(is("line", { state: "lost" }));
    assertEquals((await kitchen.event(is("hangup"))).by, "lost");
    const from = kitchen.events.length;
    await using again = startCall([address, ...PLAIN, "--name=garden", "--wait=1s"]);
    await again.event(is("picture"));
    await kitchen.event(is("picture", { name: "garden" }), from);
    kitchen.signal("SIGKILL");
    await again.event(is("line", { state: "lost" }));
    assertEquals((await again.event(is("hangup"))).by, "lost");
    assertEquals((await again.status()).code, 0);
  },
);

programTest("a caller that was killed can call again at once, and only that one", async () => {
  await using kitchen = startCall([...PLAIN, "--name=kitchen", "--wait=5m"]);
  const address = `127.0.0.1:${await kitchen.port()}`;
  await using office = startCall([address, ...PLAIN, "--name=office"]);
  await Promise.all([kitchen.event(is("picture")), office.event(is("picture"))]);
  office.signal("SIGKILL");
  await kitchen.event(is("line", { state: "lost" }));
  await using garden = startCall([address, ...PLAIN, "--name=garden"]);
  assertEquals((await garden.event(is("not-accepted"))).outcome, "busy");
  const from = kitchen.events.length;
  await using again = startCall([address, ...PLAIN, "--name=office"]);
  assertEquals((await kitchen.event(is("hangup"), from)).by, "lost");
  await Promise.all([kitchen.event(is("picture"), from), again.event(is("picture"))]);
});

programTest("only who has the key can call, and each program says who is where", async () => {
  await using kitchen = startCall([...PLAIN, "--once"]);
  const address = `127.0.0.1:${await kitchen.port()}`;
  await using stranger = startCall([address, ...PLAIN], {
    env: { CAMCAT_KEY: Key.random().text },
  });
  assertEquals((await stranger.status()).code, 1);
  assertStringIncludes(stranger.events.at(-1)!.message, "the key is wrong");
  await kitchen.event(is("refused"));
  assertEquals(kitchen.events.filter(is("ringing")), []);

  await using viewer = startReceiver([address, "--once", "--no-display"]);
  await viewer.status();
  assertStringIncludes(viewer.events.at(-1)!.message, "use call instead of receiver");
  await using sender = startSender(["test", "--size=64x48"]);
  await using caller = startCall([`127.0.0.1:${await sender.port()}`, ...PLAIN]);
  assertEquals((await caller.status()).code, 1);
  assertStringIncludes(caller.events.at(-1)!.message, "what answers there waits for no call");

  await using office = startCall([address, ...PLAIN]);
  await kitchen.event(is("picture"));
  assertEquals(await office.stop(), 0);
  assertEquals((await kitchen.event(is("hangup"))).by, "them");
  assertEquals((await kitchen.status()).code, 0); // --once
});

programTest("half a call: without a camera or a microphone the rest goes on", async () => {
  const env = { PULSE_SERVER: "unix:/nowhere" };
  const args = ["--no-display", "--no-echo-cancel"];
  await using kitchen = startCall([...args, ...PICTURE, "--name=kitchen"], { env });
  const address = `127.0.0.1:${await kitchen.port()}`;
  await using office = startCall([address, ...args, "--no-camera", "--name=office"], { env });
  await office.event(is("picture"));
  await kitchen.event(is("picture")); // which says NO SIGNAL
  const { reason } = await kitchen.event(is("microphone", { state: "lost" }));
  assertStringIncludes(reason, "Cannot find a microphone");
  await office.event((event) => event.event === "stats" && event.fps > 10);
  await office.stop();
  assertEquals((await kitchen.event(is("hangup"))).by, "them");
});

programTest(
  "a sound server that is restarted in a call gives microphone and loudspeaker back, without echo",
  async () => {
    await using kitchenSound = await Pulse.open();
    await using officeSound = await Pulse.open();
    const args = [...PICTURE, "--no-display"];
    const env = kitchenSound.env;
    await using kitchen = startCall([...args, "--name=kitchen"], { env });
    const address = `127.0.0.1:${await kitchen.port()}`;
    await using office = startCall([address, ...args, "--no-echo-cancel"], {
      env: officeSound.env,
    });
    const hears = is("sound", { state: "playing" });
    const speaks = is("microphone", { state: "live" });
    await Promise.all([kitchen.event(hears), kitchen.event(speaks)]);
    const before = kitchen.events.length;
    await kitchenSound.crash();
    await kitchen.event(is("microphone", { state: "lost" }), before);
    await kitchenSound.restart();
    await Promise.all([kitchen.event(hears, before), kitchen.event(speaks, before)]);
    const sources = await kitchenSound.pactl("list", "short", "source-outputs");
    assert(sources.includes("module-echo-cancel"), sources);
    assertEquals(kitchen.events.filter(is("echo")).map(({ cancelled }) => cancelled), [true]);

    assertEquals(await office.stop(), 0);
    await kitchen.event(is("hangup"));
    const modules = async () => await kitchenSound.pactl("list", "short", "modules");
    await until(async () => !(await modules()).includes("echo-cancel"), "the end of the module");
    assertEquals(await kitchen.stop(), 0);
  },
);
