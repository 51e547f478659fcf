// The compiled sender with another sender as its SOURCE.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Link, linkLack } from "../../bench/link.ts";
import { now } from "../../lib/base/clock.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodeControl, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import {
  receive,
  type ReceivedFrame,
  type ReceiveEvent,
  type ReconnectOptions,
} from "../../lib/receive/receive.ts";
import type { ReceivedSound } from "../../lib/receive/received.ts";
import { Gatekeeper } from "../../lib/security/gatekeeper.ts";
import { handshakeAsSender } from "../../lib/security/handshake.ts";
import { httpSecretsOf, identityOf } from "../../lib/security/identity.ts";
import { Key } from "../../lib/security/key.ts";
import { accept, listen } from "../../lib/security/listen.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { Hub } from "../../lib/send/hub.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { Folder } from "../support/folder.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { until } from "../support/patience.ts";
import {
  type Event,
  Program,
  programTest,
  RECEIVER,
  SENDER,
  startReceiver,
  startSender,
  TEST_KEY,
} from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const HERE = "127.0.0.1";
/** An Opus packet of one frame of 10 ms (RFC 6716 section 3.1), mono, with nothing in it. */
const SILENT_PACKET = Uint8Array.of(0xf0);

/** A sender of cameras in the hands of the test, with the key of tests. */
class Source implements AsyncDisposable {
  readonly hubs: Hub[];
  #listener = listen({ hostname: HERE, port: 0 });
  #stop = new AbortController();
  #serving: Promise<void>;

  private constructor(names: string[], gatekeeper: Gatekeeper) {
    this.hubs = names.map((name) => new Hub({ name }));
    const router = new CameraRouter(this.hubs);
    const { signal } = this.#stop;
    this.#serving = accept(
      this.#listener,
      { signal, gatekeeper },
      (connection, peer) => router.serve(connection, peer),
    );
  }

  static async open(...names: string[]): Promise<Source> {
    return new Source(names, new Gatekeeper(handshakeAsSender(await identityOf(TEST_KEY))));
  }

  get url(): string {
    return `camcat://${HERE}:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hubs.map((hub) => hub.close("the test is over")));
    this.#stop.abort();
    await this.#serving;
  }
}

/** Watches a camera as a receiver does. */
class Watching implements AsyncDisposable {
  readonly events: ReceiveEvent[] = [];
  #stop = new AbortController();
  #frames: AsyncGenerator<ReceivedFrame, void, void>;

  constructor(port: number, options: ReconnectOptions = { key: TEST_KEY }) {
    this.#frames = receive({ hostname: HERE, port }, {
      ...{ ...options, signal: this.#stop.signal },
      onEvent: (event) => this.events.push(event),
    });
  }

  async next(): Promise<ReceivedFrame> {
    const { value } = await this.#frames.next();
    assert(value !== undefined, "the frames have ended");
    return value;
  }

  get streams() {
    return this.events.filter((event) => event.type === "stream");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#frames.next();
  }
}

/** A port that nothing listens at just now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: HERE, port: 0 });
  return listener.addr.port;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes))).toHex();
}

const isListening = ({ event }: Event) => event === "listening";
const isCapture = (state: string) => (event: Event) =>
  event.event === "capture" && event.state === state;

programTest(
  "a relay passes every camera on bit by bit, with numbers, times, and NO SIGNAL",
  async () => {
    await using source = await Source.open("door", "yard");
    const [door, yard] = source.hubs;
    const pictures = await ffmpegJpegs("320x180", 20);
    const LATE_MS = 5000;
    const publish = (hub: Hub, index: number) =>
      hub.publish(Frame.from(pictures[index], { time: now() - LATE_MS }));
    publish(door, 0);
    publish(yard, 1);

    await using relay = startSender([source.url, "--camera=all"]);
    const { port, cameras } = await relay.event(isListening);
    assertEquals(cameras, ["door", "yard"]);
    await using viewer = new Watching(port, { camera: "door", key: TEST_KEY });
    await using other = new Watching(port, { camera: "yard", key: TEST_KEY });
    for (let index = 0; index < pictures.length; index++) {
      if (index > 0) publish(door, index);
      const { frame, live, capturedAt } = await viewer.next();
      assertEquals([frame.seq, live], [index, true]);
      assertEquals(await sha256(frame.jpeg), await sha256(pictures[index]));
      if (capturedAt === undefined) continue; // the clocks are not synchronised yet
      const ageMs = now() - capturedAt;
      // It is as precise as two round trips of a busy machine; the time of arrival would be 0.
      assert(ageMs > LATE_MS / 2, `captured ${ageMs} ms ago, instead of ${LATE_MS} or more`);
    }
    const seen = await other.next();
    assertEquals([seen.frame.seq, await sha256(seen.frame.jpeg)], [0, await sha256(pictures[1])]);

    door.lost("The camera was unplugged");
    const numbers = [];
    for (let count = 0; count < 3; count++) {
      const { frame, live } = await viewer.next();
      assertEquals(live, false);
      numbers.push(frame.seq);
    }
    assertEquals(numbers, [20, 21, 22], "only the pictures of the source say NO SIGNAL");
    const told = viewer.streams.map(({ live, reason, hops }) => [live, reason, hops]);
    assertEquals(told, [[true, "", 1], [false, "The camera was unplugged", 1]]);
    const event = await relay.event(isCapture("not live"));
    assertEquals([event.source, event.reason], ["door", "The camera was unplugged"]);
    publish(door, 3);
    let back = await viewer.next();
    while (!back.live) back = await viewer.next();
    assertEquals(await sha256(back.frame.jpeg), await sha256(pictures[3]));
    assertEquals(other.streams.length, 1, "the other camera is not concerned");
  },
);

programTest(
  "a relay survives the end of its source, says so, and goes on when it is back",
  async () => {
    const port = freePort();
    const startSource = () => startSender(["test", "--name=door", `--listen=${HERE}:${port}`]);
    await using relay = startSender([`camcat://${HERE}:${port}`]);
    // As a service that starts before its source does.
    await relay.event(({ event }) => event === "source-failed");
    await using source = startSource();
    const own = await relay.port();
    await using viewer = startReceiver([`${HERE}:${own}`, "--no-display"]);
    const isStream = (live: boolean) => (event: Event) =>
      event.state === "stream" && event.live === live;
    await viewer.event(isStream(true));
    await viewer.event(({ event, frames }) => event === "stats" && frames > 0);
    source.signal("SIGKILL");
    await source.status();
    const { reason } = await viewer.event(isStream(false));
    assertMatch(reason, /closed the connection|broke/);
    const from = viewer.events.length;
    await using _again = startSource();
    await viewer.event(isStream(true), from);
    const { frames } = await viewer.event(({ event }) => event === "stats", from);
    await viewer.event((event) => event.event === "stats" && event.frames > frames + 10, from);
    assertEquals(viewer.events.filter(({ state }) => state === "lost"), []);
  },
);

programTest("on demand reaches through a relay to the camera", async () => {
  const onDemand = ["--on-demand", "--linger=0"];
  await using source = startSender(["test", "--name=door", ...onDemand]);
  await using relay = startSender([`camcat://${HERE}:${await source.port()}`, ...onDemand]);
  const port = await relay.port();
  await source.event(isCapture("idle"));
  await relay.event(isCapture("idle"));
  assertEquals(source.events.filter(isCapture("starting")), [], "to ask for names opens nothing");
  const from = { source: source.events.length, relay: relay.events.length };
  {
    await using viewer = new Watching(port);
    const { live } = await viewer.next();
    assertEquals(live, true);
    assertEquals(viewer.streams[0].name, "door");
  }
  await relay.event(isCapture("idle"), from.relay);
  await source.event(isCapture("idle"), from.source);
});

programTest("a relay has a key of its own, or with --same-key that of its source", async () => {
  const key = Key.random();
  const env = { CAMCAT_KEY: key.text };
  await using source = startSender(["test", "--name=door"], { env });
  const url = `camcat://${HERE}:${await source.port()}/${key.text}`;
  const watch = async (relay: Program, options: { key?: Key }) => {
    await using viewer = new Watching(await relay.port(), options);
    return (await viewer.next()).live;
  };
  {
    await using relay = startSender([url]);
    assert(await watch(relay, { key: TEST_KEY }));
  }
  await using relay = startSender([url, "--same-key"]);
  assert(await watch(relay, { key }));
  const text = JSON.stringify(relay.events) + relay.stderr;
  assert(!text.includes(key.text), "the key is not shown");

  await using folder = new Folder();
  const noKey = { env: { CAMCAT_KEY: "", XDG_CONFIG_HOME: folder.path } };
  await using open = startSender([url, "--open"], noKey);
  assert(await watch(open, {}));
  const openUrl = `camcat://${HERE}:${await open.port()}`;
  await using second = startSender([openUrl, `--key=${key.text}`], noKey);
  assert(await watch(second, { key }), "the relay of an open sender has a key");
  await using third = startSender([openUrl, "--same-key"], noKey);
  assertEquals((await third.status()).code, 2);
  assertMatch(JSON.stringify(third.events), /Cannot use --same-key: there is no key/);
  await using fourth = startSender([openUrl]);
  assertEquals((await fourth.status()).code, 1);
  assertMatch(JSON.stringify(fourth.events), /it is open and not encrypted.*--key-file/);
});

programTest("a relay pushes to a receiver, and serves HTTP", async () => {
  await using source = await Source.open("door");
  const [picture] = await ffmpegJpegs("320x180", 1);
  source.hubs[0].publish(Frame.from(picture, { time: now() }));
  await using viewer = startReceiver([`--listen=${HERE}:0`, "--no-display"]);
  const push = `--push=${HERE}:${await viewer.port()}/${TEST_KEY.text}`;
  await using relay = startSender([source.url, push, `--http=${HERE}:0`]);
  await viewer.event(({ state, name }) => state === "stream" && name === "door");
  await viewer.event(({ event, frames }) => event === "stats" && frames === 1);
  const { token } = await httpSecretsOf(TEST_KEY);
  const { port } = await relay.event(({ event }) => event === "http");
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`http://${HERE}:${port}/snapshot.jpg`, { headers });
  assertEquals(new Uint8Array(await response.arrayBuffer()), picture);
});

const lack = Deno.build.os === "linux" ? linkLack() : "network namespaces need Linux";
if (lack !== undefined) skipped(`links of a relay: ${lack}`);

programTest("a relay adapts its pictures to a slow link, whatever its source does", async () => {
  using link = new Link(2);
  await using source = startSender(["test", "--size=1280x720", "--no-adapt"]);
  const url = `camcat://${HERE}:${await source.port()}`;
  await using relay = startSender([url, `--listen=${link.here}:0`]);
  const address = `${link.here}:${await relay.port()}`;
  const args = [RECEIVER, address, "--no-display", "--prefer=balanced", "--json"];
  const [command, ...rest] = [...link.through, ...args];
  await using viewer = new Program(command, rest);
  // Five of the camera's own pictures a second are all that the link can carry.
  await viewer.event(({ event, fps }) => event === "stats" && fps > 12);
}, lack !== undefined);

programTest("a relay passes sound on, and asks for it only while somebody listens", async () => {
  await using source = await Source.open("door");
  const [door] = source.hubs;
  const [picture] = await ffmpegJpegs("320x180", 1);
  door.sound.announce(1);
  door.publish(Frame.from(picture, { time: now() }));
  await using relay = startSender([source.url]);
  const port = await relay.port();
  await using viewer = new Watching(port);
  assertEquals((await viewer.next()).frame.seq, 0);
  assertEquals(viewer.streams.at(-1)?.sound, { channels: 1, live: false, reason: "" });
  assertEquals(door.sound.viewers, 0);

  const LATE_MS = 1000;
  const heard: ReceivedSound[] = [];
  {
    await using hearer = new Watching(port, { key: TEST_KEY, onSound: (it) => heard.push(it) });
    const watching = hearer.next(); // the picture that the relay has
    await until(() => door.sound.viewers === 1, "somebody to listen at the source");
    await until(() => {
      const time = now() - LATE_MS;
      door.sound.publish(new SoundPacket({ seq: 0, time, data: SILENT_PACKET, level: 30 }));
      return heard.some(({ capturedAt }) => capturedAt !== undefined);
    }, "sound at the other end");
    const { packet, capturedAt } = heard.find(({ capturedAt }) => capturedAt !== undefined)!;
    assertEquals([packet.data, packet.level], [SILENT_PACKET, 30]);
    assert(now() - capturedAt! >= LATE_MS - 100, "it is as old as it was");
    assertEquals((await watching).frame.seq, 0, "the picture was not sent again");
  }
  await until(() => door.sound.viewers === 0, "nobody to listen at the source");
});

programTest("a relay finds its source by name, and again where it is later", async () => {
  using link = new Link(100);
  const name = `door of ${link.namespace}`; // other tests may announce others
  const start = () => startSender(["test", `--name=${name}`, `--listen=${link.here}:0`]);
  await using source = start();
  await source.port();
  const args = [SENDER, `camcat:${name}`, `--listen=${HERE}:0`, "--json"];
  const [command, ...rest] = [...link.through, ...args];
  await using relay = new Program(command, rest);
  await relay.event(isCapture("live"));
  source.signal("SIGKILL");
  await source.status();
  const { reason } = await relay.event(isCapture("lost"));
  assertMatch(reason, /closed the connection|broke/);
  const from = relay.events.length;
  await using _again = start(); // at another port
  await relay.event(isCapture("live"), from);
}, lack !== undefined);

programTest("a relay refuses a wrong key, a wrong camera, and options of captures", async () => {
  await using source = startSender(["test", "--name=door"]);
  const url = `camcat://${HERE}:${await source.port()}`;
  const wrong = Key.random().text;
  const cases: [string[], number, RegExp][] = [
    [[`${url}/${wrong}`], 1, /the key is wrong/],
    [[`${url}//yard`], 1, /Cannot relay the camera .* of [\d.:]+: it has .*door/],
    [[url, "--size=320x240"], 2, /Cannot use --size with another sender/],
    [[url, "--same-key", "--open"], 2, /Cannot use --same-key with --open/],
    [[url, "--camera=all", "--name=x"], 2, /Cannot use --name with all cameras/],
    [[url, url], 2, /Cannot send two cameras called .*door/],
  ];
  for (const [args, code, message] of cases) {
    await using relay = startSender(args);
    assertEquals((await relay.status()).code, code, args.join(" "));
    const text = JSON.stringify(relay.events) + relay.stderr;
    assertMatch(text, message);
    assert(!text.includes(wrong));
  }
});

programTest("relays that form a circle notice it", async () => {
  const [a, b] = [freePort(), freePort()];
  const start = (from: number, at: number, name: string) =>
    startSender([`camcat://${HERE}:${from}`, `--name=${name}`, `--listen=${HERE}:${at}`]);
  {
    await using self = start(a, a, "self");
    assertEquals((await self.status()).code, 1);
    assertMatch(JSON.stringify(self.events), /have passed 8 relays already/);
  }
  await using first = start(b, a, "A");
  await using second = start(a, b, "B");
  const isNoticed = ({ reason, message }: Event) => /passed 8 relays/.test(reason ?? message ?? "");
  await Promise.any([first.event(isNoticed), second.event(isNoticed)]);
});

/** A sender that answers with what it likes, and is open. */
async function serveHostile(listener: Deno.TcpListener, names: string[]): Promise<void> {
  const stream = (hops: unknown, name = "x"): Control =>
    ({ type: "stream", version: 1, name, live: true, reason: "", hops }) as Control;
  const answers = [stream(1e300), stream(-7), stream("many"), stream(2 ** 52), stream(0)];
  for await (const connection of listener) {
    const reader = new MessageReader({ maxFrameBytes: 0 });
    const serve = async () => {
      for (let count; (count = await connection.read(reader.space())) !== null;) {
        for (const message of reader.commit(count)) {
          if (message instanceof Frame || message.type === "sound") continue;
          if (message.type === "list") {
            await connection.write(encodeControl({ type: "cameras", cameras: names }));
          } else if (message.type === "hello") {
            await connection.write(encodeControl(answers.shift() ?? stream(0, "y".repeat(4000))));
          }
        }
      }
    };
    serve().catch(() => {}).finally(() => connection.close());
  }
}

programTest("a relay of a hostile source stays up, and takes 16 of its cameras", async () => {
  const listener = Deno.listen({ hostname: HERE, port: 0 });
  const many = Array.from({ length: 700 }, (_, index) => index.toString(36));
  const serving = serveHostile(listener, many);
  await using folder = new Folder();
  const env = { CAMCAT_KEY: "", XDG_CONFIG_HOME: folder.path };
  const url = `camcat://${HERE}:${listener.addr.port}`;
  await using relay = startSender([url, "--camera=all", "--open", "--on-demand"], { env });
  const { port, cameras } = await relay.event(isListening);
  assertEquals(cameras, many.slice(0, 16));
  await relay.event(({ event, cameras }) => event === "cameras-left-out" && cameras === 700);
  const both = startSender([url, "test", "--camera=all", "--open"], { env });
  assertEquals((await both.status()).code, 2);
  assertMatch(JSON.stringify(both.events), /Cannot send 17 cameras: they must be 16 at most/);
  const viewers = many.slice(0, 6).map((camera) => new Watching(port, { camera }));
  viewers.forEach((viewer) => viewer.next().catch(() => {}));
  await relay.event(({ reason }) => /"hops" of "stream" must be/.test(reason ?? ""));
  await relay.event(({ reason }) => /passed 8 relays/.test(reason ?? ""));
  await Promise.all(viewers.map((viewer) => viewer[Symbol.asyncDispose]()));
  await relay.event(({ event }) => event === "stats", relay.events.length);
  assertEquals(await relay.stop(), 0);
  listener.close();
  await serving;
});
