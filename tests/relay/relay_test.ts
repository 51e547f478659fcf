// A relay between a source in the hands of the test and a viewer, over real connections.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { encodeControl, encodeDescribedFrame, encodeFrame } from "../../lib/protocol/codec.ts";
import type { Control, Stream } from "../../lib/protocol/control.ts";
import { LoopError, MAX_HOPS } from "../../lib/relay/hops.ts";
import { Relay } from "../../lib/relay/relay.ts";
import { Hub } from "../../lib/send/hub.ts";
import { supervise } from "../../lib/send/supervisor.ts";
import { join, jpeg, SCAN } from "../support/jpegs.ts";
import { connect, Peer } from "../support/wire.ts";

/** How far the source's clock is ahead, in milliseconds. */
const AHEAD_MS = 5_000_000;

const STREAM: Stream = { type: "stream", version: 1, name: "door", live: true, reason: "" };

/** Where a source is looked for that is not at its address. */
async function* nowhere(): AsyncGenerator<never> {}

/** The n-th picture. */
function picture(number: number) {
  return jpeg(join(number, SCAN));
}

/** A source of one camera, which does what the test says. */
class Source implements AsyncDisposable {
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #connection: Deno.TcpConn | undefined;
  #peer: Peer | undefined;
  #isHushed = false;
  /** Acknowledged numbers. */
  readonly acked: number[] = [];

  get address(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Waits for the relay, and begins to answer it. */
  async meet(): Promise<Control> {
    const connection = await this.#listener.accept();
    this.hangUp();
    this.#connection = connection;
    const end = Object.assign(connection, { isClosed: false, break: () => {} });
    const peer = this.#peer = new Peer(end);
    const hello = await peer.hearControl("hello");
    this.#answer(peer);
    return hello;
  }

  async #answer(peer: Peer): Promise<void> {
    for (let message; (message = await peer.hear()) !== undefined;) {
      if (message instanceof Frame) continue;
      if (message.type === "ack") this.acked.push(message.seq);
      if (message.type === "ping" && !this.#isHushed) {
        await peer.say({ type: "pong", time: message.time, clock: now() + AHEAD_MS });
      }
    }
  }

  /** Answers no more. */
  hush(): void {
    this.#isHushed = true;
  }

  /** Sends messages in one piece. */
  async say(...messages: (Control | Uint8Array)[]): Promise<void> {
    await this.#peer!.send(
      ...messages.map((it) => it instanceof Uint8Array ? it : encodeControl(it)),
    );
  }

  /** Says something of the clock, as senders do before the first frame. */
  ping(): Promise<void> {
    return this.say({ type: "ping", time: now() + AHEAD_MS });
  }

  /** Sends the n-th picture, captured `ageMs` ago. */
  async show(number: number, seq: number, ageMs = 0): Promise<void> {
    const time = now() + AHEAD_MS - ageMs;
    await this.say(encodeDescribedFrame(Frame.from(picture(number), { seq, time })));
  }

  /** Ends the connection, if there is one. */
  hangUp(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    this.#listener.close();
    await this.#peer?.listen();
  }
}

/** A source, a relay of it, and a viewer of the relay. */
class Stage implements AsyncDisposable {
  readonly source = new Source();
  readonly hub = new Hub({ name: "relayed" });
  readonly relay: Relay;
  #stop = new AbortController();
  #served: Promise<unknown>[] = [];

  constructor(camera?: string) {
    const { source: { address } } = this;
    const source = { address, credential: undefined, orOpen: false, elsewhere: () => nowhere };
    this.relay = new Relay(this.hub, { source, camera });
  }

  /** Relays until the end of the test. */
  run(): Promise<void> {
    const running = supervise(this.hub, {
      open: (signal) => this.relay.frames(signal),
      publish: (frame) => this.hub.pass(frame),
      isHopeless: (error) => error instanceof LoopError,
      signal: this.#stop.signal,
    });
    this.#served.push(running.catch(() => {}));
    return running;
  }

  /** A viewer of the relay. */
  async watch(): Promise<Viewer> {
    const [here, there] = connect();
    this.#served.push(this.hub.serve(there, "viewer"));
    const viewer = new Viewer(new Peer(here));
    await viewer.hello();
    return viewer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.source[Symbol.asyncDispose]();
    await this.hub.close("the test is over");
    await Promise.all(this.#served);
  }
}

/** Hears what the relay says. */
class Viewer {
  #peer: Peer;
  /** The stream, in the order in which its states were told. */
  readonly streams: Stream[] = [];

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async hello(): Promise<void> {
    await this.#peer.say({ type: "hello", version: 1, heartbeat: true });
    this.streams.push(await this.#peer.hearControl("stream"));
  }

  /** The next frame. */
  async next(): Promise<{ seq: number; time: number; bytes: Uint8Array }> {
    for (let seq = -1, time = NaN;;) {
      const message = await this.#peer.hear();
      assert(message !== undefined, "the relay has ended the connection");
      if (message instanceof Frame) {
        await this.#peer.say({ type: "ack", seq });
        return { seq, time, bytes: message.jpeg };
      }
      if (message.type === "frame") ({ seq, time } = message);
      else if (message.type === "stream") this.streams.push(message);
      else if (message.type === "ping") {
        await this.#peer.say({ type: "pong", time: message.time, clock: now() });
      }
    }
  }
}

Deno.test("Relay passes bytes and numbers on, and times on its own clock", async () => {
  await using stage = new Stage("front door");
  const { source } = stage;
  const since = now();
  stage.run();
  const hello = await source.meet();
  const expected: Control = {
    ...{ type: "hello", version: 1, camera: "front door", heartbeat: true },
  };
  assertEquals(hello, expected, "it asks for the newest of the source's own pictures");
  const viewer = await stage.watch();
  await source.say(STREAM);
  await source.ping();
  for (const [number, seq, ageMs] of [[1, 40, 300], [2, 41, 0], [3, 45, 2000], [4, 46, 70]]) {
    const from = now();
    await source.show(number, seq, ageMs);
    const frame = await viewer.next();
    assertEquals([frame.seq, frame.bytes], [seq, picture(number)]);
    // At most as far off as the messages have taken by which the relay knows the source's clock.
    const error = now() - since;
    const [earliest, latest] = [from - ageMs - error, now() - ageMs + error];
    assert(frame.time > earliest && frame.time < latest, `${frame.time - from + ageMs} ms off`);
  }
  assertEquals(viewer.streams.at(-1), { ...STREAM, name: "relayed", hops: 1 });
  assertEquals(source.acked.slice(0, 3), [40, 41, 45]);
});

Deno.test("Relay passes NO SIGNAL and its reason on, once, and counts hops", async () => {
  await using stage = new Stage();
  const { source } = stage;
  stage.run();
  await source.meet();
  const viewer = await stage.watch();
  await source.say({ ...STREAM, hops: 2 });
  await source.show(1, 1);
  assertEquals((await viewer.next()).bytes, picture(1));
  await source.say({ ...STREAM, live: false, reason: "The camera was unplugged", hops: 2 });
  for (const number of [2, 3]) {
    await source.show(number, number);
    assertEquals((await viewer.next()).bytes, picture(number), "the picture of the source");
  }
  await source.say({ ...STREAM, hops: 2 });
  await source.show(4, 4);
  assertEquals((await viewer.next()).bytes, picture(4));
  const told = viewer.streams.map(({ live, reason, hops }) => [live, reason, hops]);
  assertEquals(told, [
    [true, "", 1],
    [true, "", 3],
    [false, "The camera was unplugged", 3],
    [true, "", 3],
  ]);
});

Deno.test("Relay shows NO SIGNAL of its own while the source is gone, and goes on with larger numbers", async () => {
  await using stage = new Stage();
  const { source } = stage;
  stage.run();
  await source.meet();
  const viewer = await stage.watch();
  await source.say(STREAM);
  await source.show(1, 700);
  const first = await viewer.next();
  source.hangUp();
  const lost = await viewer.next();
  assertEquals(sizeOf(lost.bytes), sizeOf(picture(1)));
  assertEquals(viewer.streams.at(-1)?.reason, "The sender closed the connection");
  await source.meet();
  await source.say(STREAM);
  await source.show(2, 0); // it was restarted, and counts anew
  let back = await viewer.next();
  while (!viewer.streams.at(-1)?.live) back = await viewer.next();
  assertEquals(back.bytes, picture(2));
  await source.show(3, 4);
  const next = await viewer.next();
  assertEquals([next.seq - back.seq, next.bytes], [4, picture(3)]);
  assert(first.seq === 700 && lost.seq === 701 && back.seq > lost.seq, `${back.seq}`);
});

Deno.test("Relay shows NO SIGNAL while the source is silent, and then the last picture again", async () => {
  await using stage = new Stage();
  const { source } = stage;
  stage.run();
  await source.meet();
  const viewer = await stage.watch();
  await source.say(STREAM);
  await source.show(1, 1);
  assertEquals((await viewer.next()).bytes, picture(1));
  source.hush();
  const silent = await viewer.next();
  assertEquals(sizeOf(silent.bytes), sizeOf(picture(1)));
  assertEquals(viewer.streams.at(-1)?.reason, "The sender does not answer");
  await source.ping();
  let again = await viewer.next();
  while (!viewer.streams.at(-1)?.live) again = await viewer.next();
  assertEquals(again.bytes, picture(1));
});

Deno.test("Relay of a sender that sends pictures only", async () => {
  await using stage = new Stage();
  stage.run();
  await stage.source.meet();
  const viewer = await stage.watch();
  const from = now();
  await stage.source.say(encodeFrame(Frame.from(picture(1), { time: 0 })));
  const { seq, time, bytes } = await viewer.next();
  assertEquals([seq, bytes], [0, picture(1)]);
  assert(time >= from && time <= now(), "the time of its arrival");
});

Deno.test("Relay gives up a source whose pictures have passed too many relays", async () => {
  for (const hops of [MAX_HOPS, 2 ** 50]) {
    await using stage = new Stage();
    const running = assertRejects(() => stage.run(), LoopError, "Cannot relay 127.0.0.1:");
    await stage.source.meet();
    await stage.source.say({ ...STREAM, hops });
    await running;
    assertEquals(stage.hub.stream.hops, 1);
  }
});

Deno.test("Relay survives a hostile source, and viewers get numbers that grow", async () => {
  await using stage = new Stage();
  const { source } = stage;
  stage.run().catch(() => {});
  await source.meet();
  const viewer = await stage.watch();
  await source.say(STREAM);
  let last = -1;
  const seqs = [5, 5, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 3, 2 ** 47, 9];
  for (const seq of seqs) {
    await source.show(1, seq, -1e14);
    const frame = await viewer.next();
    assert(frame.seq > last && frame.seq < 2 ** 48, `${frame.seq} after ${last}`);
    assert(Math.abs(frame.time - now()) < 10_000, "an impossible time is not passed on");
    last = frame.seq;
  }
  for (const hops of [-1, 1.5, "2"]) {
    await source.say({ ...STREAM, hops } as Control);
    await viewer.next();
    assert(viewer.streams.at(-1)?.reason.startsWith("The sender broke the protocol"));
    await source.meet();
    await source.say(STREAM);
    await source.show(1, 1);
    while (!viewer.streams.at(-1)?.live) await viewer.next();
  }
});
