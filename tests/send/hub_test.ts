// The sender's side of the protocol, without ffmpeg, network or real time.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { type Bytes, Frame, FramePool, HEADROOM } from "../../lib/jpeg/frame.ts";
import { Hub } from "../../lib/send/hub.ts";
import type { HubOptions } from "../../lib/send/hub_options.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { noSignal } from "../../lib/jpeg/no_signal.ts";
import { join, jpeg, SCAN } from "../support/jpegs.ts";
import { Random } from "../support/random.ts";
import { type Time, timeTest } from "../support/time.ts";
import { connect, type End, Peer } from "../support/wire.ts";

const HELLO: Control = { type: "hello", version: 1 };
const HELLO_TO_ALL: Control = { type: "hello", version: 1, frames: "all" };
/** How long a new peer may take to say hello. */
const GRACE_MS = 250;

/** The n-th picture. */
function picture(number: number, bytes = 0): Bytes {
  return jpeg(join(number, SCAN, new Uint8Array(bytes)));
}

/** Counts what is lent to frames and has not come back. */
class CountingPool extends FramePool {
  lent = 0;

  frame(jpeg: Uint8Array): Frame {
    this.lent++;
    const buffer = this.take(jpeg.length);
    buffer.set(jpeg, HEADROOM);
    return new Frame(buffer, HEADROOM, HEADROOM + jpeg.length, { time: now(), pool: this });
  }

  override giveBack(buffer: Bytes): void {
    this.lent--;
    super.giveBack(buffer);
  }
}

/** A hub, and a log of its events. */
class Stage {
  readonly hub: Hub;
  readonly pool = new CountingPool();
  /** Peers that connected and disconnected, with the reason. */
  readonly log: string[] = [];
  /** The reported numbers of frames that viewers were too slow for. */
  readonly lost: number[] = [];
  readonly served: Promise<void>[] = [];
  /** The hub's ends of all connections. */
  readonly ends: End[] = [];

  constructor(options: HubOptions = {}) {
    this.hub = new Hub({
      ...options,
      onConnected: (peer) => this.log.push(`${peer} connected`),
      onLeft: (peer, reason, seconds) =>
        this.log.push(`${peer} disconnected after ${seconds} s: ${reason}`),
      onBehind: (_, frames) => this.lost.push(frames),
    });
  }

  /** A peer connects. */
  join(name = "peer", capacity?: number): Peer {
    const [here, there] = connect(capacity);
    this.ends.push(there);
    this.served.push(this.hub.serve(there, name));
    return new Peer(here);
  }

  /** A viewer connects, says hello, and has heard of the stream. */
  async viewer(name?: string, capacity?: number, hello = HELLO): Promise<Peer> {
    const peer = this.join(name, capacity);
    await peer.say(hello);
    await peer.hearControl("stream");
    return peer;
  }

  /** Publishes the n-th picture. */
  publish(number: number, bytes?: number): void {
    this.hub.publish(this.pool.frame(picture(number, bytes)));
  }

  /** Disconnects everybody, and checks that nothing is left. */
  async clear(): Promise<void> {
    await this.hub.close("the test is over");
    await Promise.all(this.served);
    assertEquals(this.hub.viewers, 0);
    assertEquals(this.pool.lent, 0, "buffers that were not given back");
    assert(this.ends.every(({ isClosed }) => isClosed));
  }
}

/** Hears a described frame. @returns its number */
async function hearPicture(peer: Peer, number: number, bytes?: number): Promise<number> {
  const { seq } = await peer.hearControl("frame");
  assertEquals(await peer.hearFrame(), picture(number, bytes));
  return seq;
}

timeTest("Hub gives a raw client lengths and JPEGs, after 250 ms without a hello", async (time) => {
  const stage = new Stage();
  const peer = stage.join();
  stage.publish(1);
  let heard: Bytes | undefined;
  const hearing = peer.hearFrame().then((jpeg) => heard = jpeg);
  await time.pass(GRACE_MS - 1);
  assertEquals(heard, undefined);
  await time.pass(1);
  assertEquals(heard, picture(1));
  await hearing;
  for (const number of [2, 3, 4]) {
    stage.publish(number);
    assertEquals(await peer.hearFrame(), picture(number));
  }
  await stage.clear();
  assertEquals(await peer.hear(), undefined, "a raw client is told nothing, not even at the end");
});

timeTest(
  "Hub tells a viewer of the stream, and sends the next frame after it was acknowledged",
  async (time) => {
    const stage = new Stage({ name: "front door" });
    stage.publish(1);
    const peer = stage.join();
    await peer.say({ type: "hello", version: 7 }, { type: "hello", version: 7 });
    assertEquals(
      await peer.hear(),
      { type: "stream", version: 1, name: "front door", live: true, reason: "" },
    );
    const ping = await peer.hear() as Control;
    assertEquals(ping.type, "ping");
    const first = await hearPicture(peer, 1);
    stage.publish(2);
    await time.pass(900);
    await peer.say({ type: "ack", seq: first });
    const second = await hearPicture(peer, 2);
    assertEquals(second, first + 1);
    await stage.clear();
    assertEquals(await peer.hear(), { type: "bye", reason: "the test is over" });
    assertEquals(await peer.hear(), undefined);
  },
);

timeTest("Hub gives a viewer the newest frame, and counts those it was not given", async () => {
  const stage = new Stage();
  const peer = await stage.viewer();
  stage.publish(0);
  const first = await hearPicture(peer, 0);
  for (const number of [1, 2, 3, 4, 5]) stage.publish(number);
  await peer.say({ type: "ack", seq: first });
  assertEquals(await hearPicture(peer, 5), first + 5);
  assertEquals(stage.hub.totals, {
    frames: 6,
    sentBytes: picture(0).length + picture(5).length,
    droppedFrames: 4,
    restarts: 0,
  });
  await stage.clear();
  assertEquals(stage.hub.totals.droppedFrames, 4, "totals outlive their viewers");
});

timeTest("Hub treats a peer that says hello late as a raw client until then", async (time) => {
  const stage = new Stage();
  const peer = stage.join();
  await time.pass(GRACE_MS);
  stage.publish(1);
  assertEquals(await peer.hearFrame(), picture(1));
  await peer.say(HELLO);
  await peer.hearControl("stream");
  stage.publish(2);
  await hearPicture(peer, 2);
  await stage.clear();
});

timeTest("Hub answers pings, in order", async () => {
  const stage = new Stage();
  const peer = await stage.viewer();
  await peer.say(...[1, 2, 3].map((time): Control => ({ type: "ping", time })));
  for (const time of [1, 2, 3]) {
    assertEquals(await peer.hearControl("pong"), { type: "pong", time, clock: now() });
  }
  await stage.clear();
});

timeTest("Hub pings when no frame is in flight: before the next one, if need be", async (time) => {
  const stage = new Stage();
  const peer = await stage.viewer();
  const answer = async () => {
    const ping = await peer.hear();
    assert(!(ping instanceof Frame) && ping?.type === "ping");
    await peer.say({ type: "pong", time: ping.time, clock: 0 });
  };
  await answer(); // the first comes before all frames
  stage.publish(1);
  const seq = await hearPicture(peer, 1);
  await time.pass(1000); // a ping is due
  await peer.say({ type: "ping", time: 1 });
  assertEquals(await peer.hear(), { type: "pong", time: 1, clock: now() }, "and waits");
  stage.publish(2);
  await peer.say({ type: "ack", seq });
  await answer();
  await hearPicture(peer, 2);
  await time.pass(1000);
  await time.pass(1000); // and still there is no other frame
  await answer();
  await stage.clear();
});

timeTest("Hub measures the time from capture to display", async (time) => {
  const stage = new Stage();
  const peer = stage.join();
  await peer.say(HELLO);
  await peer.hearControl("stream");
  const ping = await peer.hearControl("ping");
  await time.pass(20);
  // The first answers no question of ours.
  for (const asked of [ping.time + 15, ping.time]) {
    await peer.say({ type: "pong", time: asked, clock: 0 });
  }
  stage.publish(1);
  const seq = await hearPicture(peer, 1);
  await time.pass(40);
  await peer.say({ type: "ack", seq });
  await time.settle();
  // The acknowledgement was on its way for half the round trip.
  assertEquals(Math.round(stage.hub.latencyMs.at(0.5)!), 30);
  await stage.clear();
});

/** A viewer 100 ms away, with a network that takes 100 ms for a frame. */
async function distantViewer(stage: Stage, time: Time): Promise<Peer> {
  const peer = await stage.viewer();
  const ping = await peer.hearControl("ping");
  await time.pass(100);
  await peer.say({ type: "pong", time: ping.time, clock: 0 });
  stage.publish(1);
  const seq = await hearPicture(peer, 1);
  await time.pass(200);
  await peer.say({ type: "ack", seq });
  return peer;
}

timeTest(
  "Hub sends to a distant viewer before it has acknowledged, as fast as its network is",
  async (time) => {
    const stage = new Stage();
    const peer = await distantViewer(stage, time);
    stage.publish(2);
    await hearPicture(peer, 2);
    stage.publish(3);
    let heard = false;
    const hearing = hearPicture(peer, 3).then(() => heard = true);
    await time.pass(99);
    assertEquals(heard, false);
    await time.pass(1);
    assertEquals(heard, true);
    await hearing;
    await stage.clear();
  },
);

timeTest("Hub leaves nothing behind of a frame that was to be sent later", async (time) => {
  const stage = new Stage();
  await distantViewer(stage, time);
  stage.publish(2);
  stage.publish(3);
  await time.settle();
  await stage.clear();
});

timeTest("Hub delays no viewer because another one stalls", async (time) => {
  const stage = new Stage();
  const stalled = stage.join("stalled", 1000);
  const slow = await stage.viewer("slow");
  const quick = stage.join("quick");
  await time.pass(GRACE_MS);
  for (let number = 0; number < 50; number++) {
    stage.publish(number, 5000);
    assertEquals(await quick.hearFrame(), picture(number, 5000));
  }
  assertEquals(stage.pool.lent, 2, "the one that is being written, and the newest");
  await hearPicture(slow, 0, 5000);
  await slow.say({ type: "ack", seq: 0 });
  await hearPicture(slow, 49, 5000);
  // The one that was being written, then the newest.
  assertEquals(await stalled.hearFrame(), picture(0, 5000));
  assertEquals(await stalled.hearFrame(), picture(49, 5000));
  await stage.clear();
});

timeTest("Hub gives every frame, in order, to a viewer that asked for it and stalled", async () => {
  const stage = new Stage();
  stage.publish(0, 5000);
  const recorder = await stage.viewer("recorder", 1000, HELLO_TO_ALL);
  const other = await stage.viewer("other");
  await other.say({ type: "ack", seq: await hearPicture(other, 0, 5000) });
  for (let number = 1; number < 200; number++) {
    stage.publish(number, 5000);
    await other.say({ type: "ack", seq: await hearPicture(other, number, 5000) });
  }
  for (let number = 0; number < 200; number++) {
    const seq = await hearPicture(recorder, number, 5000);
    assertEquals(seq, number);
    await recorder.say({ type: "ack", seq });
  }
  assertEquals([stage.hub.totals.droppedFrames, stage.lost], [0, []]);
  await stage.clear();
});

timeTest(
  "Hub drops the oldest frames over the bound, reports how many, and keeps no more",
  async (time) => {
    const stage = new Stage();
    const recorders: Peer[] = [];
    for (let count = 0; count < 5; count++) {
      recorders.push(await stage.viewer("recorder", 200, HELLO_TO_ALL));
    }
    const other = await stage.viewer("other");
    let most = 0;
    for (let number = 0; number < 2500; number++) {
      stage.publish(number);
      // Each has read a different part when it stalls.
      const reading = recorders[number % 5];
      if (number < 500) {
        const { seq } = await reading.hearControl("frame");
        await reading.hearFrame();
        await reading.say({ type: "ack", seq });
      }
      await other.say({ type: "ack", seq: await hearPicture(other, number) });
      if (number % 250 === 0) await time.pass(3000);
      most = Math.max(most, stage.pool.lent);
    }
    // What waits is the same for all; what each is being sent may be its own.
    assert(most <= 1024 + recorders.length, `${most} frames are held`);
    let gaps = 0;
    for (const [index, recorder] of recorders.entries()) {
      let last = 99; // a hundred each
      while (last < 2499) {
        const { seq } = await recorder.hearControl("frame");
        assert(seq > last, `${seq} after ${last}`);
        assertEquals(await recorder.hearFrame(), picture(seq), `${index}`);
        gaps += seq - last - 1;
        last = seq;
        await recorder.say({ type: "ack", seq });
      }
    }
    assert(gaps > 5 * 1000, `${gaps} frames were lost`);
    assertEquals(stage.hub.totals.droppedFrames, gaps);
    await time.pass(11_000);
    assertEquals(stage.lost.reduce((sum, frames) => sum + frames, 0), gaps);
    assert(stage.lost.length <= 5 * 5, `told ${stage.lost.length} times in 41 s`);
    await stage.clear();
  },
);

timeTest("Hub reports the remaining losses of a viewer that disconnects", async (time) => {
  const stage = new Stage();
  const recorder = await stage.viewer("recorder", 200, HELLO_TO_ALL);
  // One is being written, 1024 wait.
  for (let number = 0; number < 1030; number++) stage.publish(number);
  await time.pass(1000);
  assertEquals(stage.lost, [5]);
  for (let number = 0; number < 7; number++) stage.publish(number);
  await time.pass(1000);
  recorder.close();
  await time.settle();
  assertEquals(stage.lost, [5, 7]);
  assertEquals(stage.hub.totals.droppedFrames, 12);
  await stage.clear();
});

timeTest("Hub bounds the frames in flight to a viewer that never acknowledges", async (time) => {
  const stage = new Stage();
  const recorder = await stage.viewer("recorder", Infinity, HELLO_TO_ALL);
  for (let number = 0; number < 1100; number++) {
    stage.publish(number);
    await time.settle();
  }
  for (let number = 0; number < 1024; number++) await hearPicture(recorder, number);
  let heard = false;
  const hearing = hearPicture(recorder, 1024).then(() => heard = true);
  await time.settle();
  assertEquals(heard, false);
  await recorder.say({ type: "ack", seq: 1023 });
  await hearing;
  for (let number = 1025; number < 1100; number++) await hearPicture(recorder, number);
  await recorder.say({ type: "ack", seq: 1099 });
  await stage.clear();
});

timeTest(
  "Hub tells a viewer of every frame about a loss in its place between the frames",
  async (time) => {
    const stage = new Stage();
    const recorder = await stage.viewer("recorder", 200, HELLO_TO_ALL);
    for (const number of [0, 1]) stage.publish(number);
    stage.hub.lost("unplugged");
    await time.settle();
    for (const number of [3, 4]) stage.publish(number);
    await time.settle();
    const heard: (number | string)[] = [];
    while (heard.length < 12) {
      const message = await recorder.hear();
      if (message instanceof Frame) {
        const isPicture = message.jpeg.join() === picture(heard.at(-1) as number).join();
        heard.push(isPicture ? "picture" : "NO SIGNAL");
      } else if (message?.type === "frame") heard.push(message.seq);
      else if (message?.type === "stream") heard.push(message.reason || "live");
    }
    const pictures = (first: number) => [first, "picture", first + 1, "picture"];
    assertEquals(heard, [...pictures(0), "unplugged", 2, "NO SIGNAL", "live", ...pictures(3)]);
    await recorder.say({ type: "ack", seq: 4 });
    await stage.clear();
  },
);

timeTest("Hub.close() first gives a viewer of every frame those that wait", async (time) => {
  const stage = new Stage();
  const recorder = await stage.viewer("recorder", 1000, HELLO_TO_ALL);
  for (let number = 0; number < 50; number++) stage.publish(number, 5000);
  const cleared = stage.clear();
  stage.publish(50); // too late
  for (let number = 0; number < 50; number++) {
    await time.pass(150);
    assertEquals(await hearPicture(recorder, number, 5000), number);
    await recorder.say({ type: "ack", seq: number });
  }
  assertEquals(await recorder.hear(), { type: "bye", reason: "the test is over" });
  assertEquals(await recorder.hear(), undefined);
  await cleared;
  assertEquals([stage.hub.totals.droppedFrames, stage.lost], [0, []]);
});

timeTest("Hub.close() waits at most 10 s for a viewer of every frame", async (time) => {
  const stage = new Stage();
  const [stalled, mute, leaving] = [
    await stage.viewer("stalled", 1000, HELLO_TO_ALL),
    await stage.viewer("mute", Infinity, HELLO_TO_ALL),
    await stage.viewer("leaving", 1000, HELLO_TO_ALL),
  ];
  for (let number = 0; number < 50; number++) {
    stage.publish(number, 5000);
    await time.settle();
  }
  const closed = stage.hub.close("enough");
  leaving.close();
  await time.pass(9999);
  assertEquals(stage.hub.viewers, 2);
  await time.pass(1);
  assertEquals(stage.hub.viewers, 1, "it has all, but has never said so");
  await time.pass(1000);
  await closed;
  assertEquals(stage.hub.viewers, 0);
  assertEquals([stage.hub.totals.droppedFrames, stage.lost], [49, [49]]);
  stalled.close();
  mute.close();
  await stage.clear();
});

timeTest("Hub refuses one viewer too many, with a bye if it has said hello", async (time) => {
  const stage = new Stage({ maxViewers: 2 });
  const watching = await stage.viewer("first");
  await stage.viewer("second");
  const talkative = stage.join("third");
  const raw = stage.join("fourth");
  const odd = stage.join("fifth");
  await talkative.say(HELLO, HELLO);
  await odd.send(0);
  assertEquals(
    await talkative.hearControl("bye"),
    { type: "bye", reason: "no room for another viewer: 2 are watching" },
  );
  assertEquals(await talkative.hear(), undefined);
  await time.pass(GRACE_MS);
  for (const peer of [raw, odd]) assertEquals(await peer.hear(), undefined);
  assertEquals(stage.log, ["first connected", "second connected"]);

  // One that leaves makes room.
  watching.close();
  await time.settle();
  stage.publish(1);
  await hearPicture(await stage.viewer("sixth"), 1);
  await stage.clear();
});

timeTest("Hub closes more peers immediately while many are being refused", async (time) => {
  const stage = new Stage({ maxViewers: 1 });
  await stage.viewer();
  for (let count = 0; count < 64; count++) stage.join();
  const oneMore = stage.join();
  assertEquals(await oneMore.hear(), undefined);
  await time.pass(GRACE_MS);
  const later = stage.join();
  await later.say(HELLO);
  assertEquals((await later.hearControl("bye")).type, "bye");
  await stage.clear();
});

timeTest("Hub keeps seats for 64 former viewers at most whose writes are pending", async (time) => {
  const stage = new Stage({ maxViewers: 1 });
  const stalled: Peer[] = [];
  for (let count = 0; count < 65; count++) {
    stalled.push(stage.join("stalled", 1000));
    await time.pass(GRACE_MS);
    stage.publish(1, 5000);
    await time.settle();
    const closing = stage.hub.close("enough");
    await time.pass(2000);
    await closing;
    assertEquals([stage.hub.viewers, stage.hub.makeRoom()], [0, count < 64], `${count}`);
  }
  const refused = stage.join();
  await refused.say(HELLO);
  await refused.hearControl("bye");
  for (const peer of stalled) peer.close();
  await time.settle();
  const welcome = await stage.viewer();
  stage.publish(2);
  await hearPicture(welcome, 2);
  await stage.clear();
});

timeTest("Hub gives a newcomer the seat of a viewer that is silent for 3 s", async (time) => {
  const stage = new Stage({ maxViewers: 3 });
  const silent = await stage.viewer("silent", Infinity, { ...HELLO, heartbeat: true });
  const alive = await stage.viewer("alive", Infinity, { ...HELLO, heartbeat: true });
  stage.join("raw"); // takes every frame
  await alive.say({ type: "ack", seq: 0 });
  for (let second = 0; second < 2; second++) {
    stage.publish(second);
    await time.pass(1000);
    await alive.say({ type: "pong", time: 0, clock: 0 });
  }
  await time.settle();
  const refused = stage.join("early");
  await refused.say(HELLO);
  await refused.hearControl("bye");
  await time.pass(1000);
  const newcomer = await stage.viewer("newcomer");
  await time.settle();
  assertStringIncludes(stage.log.join(), "silent disconnected after 3 s: a new viewer");
  await alive.say({ type: "pong", time: 0, clock: 0 });
  stage.publish(9);
  await newcomer.hearControl("ping");
  await hearPicture(newcomer, 1); // the last one published before
  const next = stage.join("next");
  await next.say(HELLO);
  await next.hearControl("bye");
  silent.close();
  await stage.clear();
});

timeTest(
  "Hub gives a newcomer the seat of a raw client that takes nothing for 3 s",
  async (time) => {
    const stage = new Stage({ maxViewers: 1 });
    const stalled = stage.join("stalled", 1000);
    await time.pass(GRACE_MS);
    stage.publish(1, 5000);
    await time.pass(3000);
    await stage.viewer("newcomer");
    assertStringIncludes(stage.log.join(), "stalled disconnected after 3.25 s: a new viewer");
    stalled.close();
    await stage.clear();
  },
);

timeTest("Hub keeps no newcomer out because one address holds most seats", async (time) => {
  const stage = new Stage({ maxViewers: 10 });
  for (let count = 0; count < 10; count++) stage.join(`10.0.0.1:${1000 + count}`);
  await time.pass(GRACE_MS);
  const same = stage.join("10.0.0.1:2000");
  await same.say(HELLO);
  await same.hearControl("bye");
  for (let count = 0; count < 5; count++) await stage.viewer(`10.0.1.${count}:1000`);
  assertEquals(stage.log.filter((line) => line.includes("disconnected")).length, 5);
  const late = stage.join("10.0.2.1:1000");
  await late.say(HELLO);
  await late.hearControl("bye"); // 5 of 10 are no more than half
  await stage.clear();
});

timeTest(
  "Hub.lost() tells why, and shows NO SIGNAL every second, until there is a new picture",
  async (time) => {
    const stage = new Stage({ name: "door" });
    const viewer = await stage.viewer();
    const raw = stage.join();
    await time.pass(GRACE_MS);
    stage.publish(1);
    await raw.hearFrame();
    await viewer.say({ type: "ack", seq: await hearPicture(viewer, 1) });
    await time.settle();
    const latencies = [stage.hub.latencyMs.at(0), stage.hub.latencyMs.at(1)];
    await time.pass(5000);

    const since = now();
    const shown = () => noSignal("door", since, now(), { width: 16, height: 8 });
    stage.hub.lost("unplugged");
    const lost = { type: "stream", version: 1, name: "door", live: false, reason: "unplugged" };
    const live = { ...lost, live: true, reason: "" };
    assertEquals(await viewer.hearControl("stream"), lost as never);
    const { seq } = await viewer.hearControl("frame");
    assertEquals(await viewer.hearFrame(), shown());
    assertEquals(await raw.hearFrame(), shown());
    await viewer.say({ type: "ack", seq });

    // A new viewer sees and hears the same.
    const late = stage.join();
    await late.say(HELLO);
    assertEquals(await late.hearControl("stream"), lost as never);
    await late.hearControl("frame");
    assertEquals(await late.hearFrame(), shown());

    stage.hub.lost("still unplugged");
    assertEquals((await viewer.hearControl("stream")).reason, "still unplugged");
    for (let seconds = 1; seconds <= 3; seconds++) {
      await time.pass(1000);
      assertEquals(await raw.hearFrame(), shown(), "since the first loss");
      const { seq } = await viewer.hearControl("frame");
      assertEquals(await viewer.hearFrame(), shown());
      await viewer.say({ type: "ack", seq });
    }

    stage.publish(2);
    assertEquals(await viewer.hearControl("stream"), live as never);
    await hearPicture(viewer, 2);
    assertEquals(await raw.hearFrame(), picture(2));
    await time.pass(3000);
    assertEquals(stage.hub.totals.frames, 2, "pictures of no signal do not count");
    const { latencyMs } = stage.hub;
    assertEquals([latencyMs.at(0), latencyMs.at(1)], latencies, "and tell no latency");
    stage.publish(3);
    assertEquals(await raw.hearFrame(), picture(3), "nothing came between");
    await stage.clear();
  },
);

timeTest("Hub.lost() before the first frame shows NO SIGNAL as well", async () => {
  const stage = new Stage();
  const viewer = await stage.viewer();
  stage.hub.lost("no camera");
  assertEquals((await viewer.hearControl("stream")).reason, "no camera");
  const { seq } = await viewer.hearControl("frame");
  const heard = await viewer.hearFrame();
  assertEquals(sizeOf(heard), { width: 1280, height: 720 });
  await viewer.say({ type: "ack", seq });
  stage.publish(1);
  assertEquals((await viewer.hearControl("stream")).live, true);
  await hearPicture(viewer, 1);
  await stage.clear();
});

timeTest("Hub shows the current time to the first viewer after a loss", async (time) => {
  const stage = new Stage();
  stage.publish(1);
  const since = now();
  stage.hub.lost("unplugged");
  assertEquals(stage.pool.lent, 0, "the last picture is released");
  await time.pass(60_000);
  const peer = stage.join();
  await time.pass(GRACE_MS);
  const size = { width: 16, height: 8 };
  assertEquals(await peer.hearFrame(), noSignal("camera", since, now() - GRACE_MS, size));
  await stage.clear();
});

timeTest("Hub.forget() drops the last picture", async (time) => {
  const stage = new Stage();
  stage.publish(1);
  stage.hub.forget();
  assertEquals(stage.pool.lent, 0);
  const peer = stage.join();
  await time.pass(GRACE_MS);
  stage.publish(2);
  assertEquals(await peer.hearFrame(), picture(2));
  await stage.clear();
});

timeTest("Hub.watched() waits for a viewer, or for its signal", async (time) => {
  const stage = new Stage();
  const stop = new AbortController();
  const ended: string[] = [];
  const watched = stage.hub.watched(new AbortController().signal).then(() => ended.push("watched"));
  await time.settle();
  assertEquals(ended, []);
  const peer = stage.join();
  await watched;
  await stage.hub.watched(stop.signal);
  peer.close();
  await time.pass(GRACE_MS);
  const aborted = stage.hub.watched(stop.signal).then(() => ended.push("aborted"));
  await time.settle();
  assertEquals(ended, ["watched"]);
  stop.abort();
  await aborted;
  await stage.hub.watched(stop.signal);
  await stage.clear();
});

timeTest("Hub reports who connects and disconnects, when and why", async (time) => {
  const stage = new Stage();
  const [a, b, c, d] = [stage.join("a"), stage.join("b"), stage.join("c"), stage.join("d")];
  await time.pass(1000);
  a.close();
  await time.settle();
  await b.say({ type: "bye", reason: "seen enough" });
  await time.pass(500);
  c.break(new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"));
  await time.settle();
  await d.send(1, 2, 3, 4, 5);
  await time.settle();
  assertEquals(stage.log.slice(0, 4), ["a connected", "b connected", "c connected", "d connected"]);
  assertEquals(stage.log.slice(4, 7), [
    "a disconnected after 1 s: closed by the viewer",
    "b disconnected after 1 s: said: seen enough",
    "c disconnected after 1.5 s: Connection reset by peer",
  ]);
  assertStringIncludes(stage.log[7], "d disconnected after 1.5 s: Cannot read a message");
  await stage.clear();
});

/** Bytes of peers that are no viewers, and a part of the reason in the bye. */
const STRANGERS: [string, (number | Uint8Array)[], string][] = [
  ["a browser", [new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n")], "2F"],
  ["a TLS client", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3], "00"],
  ["a sender", [0, 0, 1, 0, 0xff, 0xd8, 0xff], "only the sender sends pictures"],
  ["a message of 4 GB", [0xff, 0xff, 0xff, 0xff, 0x7b], "received 4294967295"],
  ["a message of 5000 bytes", [0, 0, 0x13, 0x88, 0x7b], "received 5000"],
  ["an empty message", [0, 0, 0, 0, 0x7b], "received 0"],
  ["no JSON", [0, 0, 0, 3, 0x7b, 0x7b, 0x7b], "JSON"],
  ["a hello without its version", [encodeControl({ type: "hello" } as Control)], '"version"'],
  ["a hello, then garbage", [encodeControl(HELLO), new Uint8Array(100)], "received 00"],
];

for (const [name, bytes, why] of STRANGERS) {
  timeTest(
    `Hub sends a bye to a stranger, disconnects it and disturbs nobody: ${name}`,
    async (time) => {
      const stage = new Stage();
      const viewer = await stage.viewer("viewer");
      const stranger = stage.join("stranger");
      await stranger.send(...bytes);
      assertStringIncludes((await stranger.hearControl("bye")).reason, why);
      assertEquals(await stranger.hear(), undefined);
      await time.settle();
      assertEquals(stage.hub.viewers, 1);
      stage.publish(1);
      await hearPicture(viewer, 1);
      await stage.clear();
    },
  );
}

timeTest("Hub disconnects a peer that does not finish a message", async (time) => {
  const stage = new Stage();
  const dribbling = stage.join("dribbling");
  const lively = stage.join("lively");
  const hello = encodeControl(HELLO);
  let reason: string | undefined;
  const hearing = dribbling.hearControl("bye").then((bye) => reason = bye.reason);
  for (let second = 0; second < 10; second++) {
    await dribbling.send(hello[second]);
    // Many messages, each cut by the end of a read, are no dribble.
    await lively.send(hello.subarray(second === 0 ? 0 : 10), hello.subarray(0, 10));
    assertEquals(reason, undefined, `after ${second} s`);
    await time.pass(1000);
  }
  await time.pass(1000);
  await hearing;
  assertEquals(reason, "Cannot wait for the rest of a message: it must come within 10 s");
  assertEquals(stage.hub.viewers, 1);
  await stage.clear();
});

timeTest("Hub disconnects a viewer that is silent for 10 s", async (time) => {
  const stage = new Stage();
  await stage.viewer("mute");
  await stage.viewer("dead", Infinity, { ...HELLO, heartbeat: true });
  const alive = await stage.viewer("alive");
  const raw = stage.join("raw");
  stage.publish(1);
  for (let second = 0; second < 62; second++) {
    await time.pass(1000);
    await alive.say({ type: "pong", time: 0, clock: 0 });
  }
  assertEquals(stage.hub.viewers, 2);
  assertStringIncludes(stage.log.join(), "dead disconnected after 10 s: silent for 10 s");
  // Without a heartbeat, the frame in flight may take a moment.
  assertStringIncludes(stage.log.join(), "mute disconnected after 11 s: silent for 11 s");
  assertEquals(await raw.hearFrame(), picture(1), "a raw client may stay");
  await stage.clear();
});

timeTest("Hub gives a viewer without a heartbeat time for what is in flight", async (time) => {
  const stage = new Stage();
  const slow = await stage.viewer("slow"); // 128 kbit/s
  stage.publish(1, 400_000);
  await hearPicture(slow, 1, 400_000);
  await time.pass(30_000);
  assertEquals(stage.hub.viewers, 1);
  await slow.say({ type: "ack", seq: 0 });
  await time.pass(11_000);
  assertEquals(stage.hub.viewers, 0);
  await stage.clear();
});

timeTest("Hub pings a silent viewer also while frames are in flight", async (time) => {
  const stage = new Stage();
  const busy = await stage.viewer("busy");
  const first = await busy.hearControl("ping");
  await busy.say({ type: "pong", time: first.time, clock: 0 });
  stage.publish(1);
  await hearPicture(busy, 1);
  for (let second = 0; second < 100; second++) {
    await time.pass(1000);
    if (second % 3 !== 2) continue;
    const { time: asked } = await busy.hearControl("ping");
    await busy.say({ type: "pong", time: asked, clock: 0 });
  }
  assertEquals(stage.hub.viewers, 1);
  await stage.clear();
});

timeTest("Hub waits a minute for a recorder that does not read", async (time) => {
  const stage = new Stage();
  const recorder = await stage.viewer("recorder", 1000, HELLO_TO_ALL);
  for (let number = 0; number < 10; number++) stage.publish(number, 5000);
  await time.pass(59_000);
  assertEquals(stage.hub.viewers, 1);
  await time.pass(2000);
  assertEquals(stage.hub.viewers, 0);
  recorder.close();
  await stage.clear();
});

timeTest("Hub reads a viewer slowly that sends much, and the others as before", async (time) => {
  const stage = new Stage();
  const viewer = await stage.viewer("viewer");
  const flooding = stage.join("flooding", 1000);
  const acks = join(...Array.from({ length: 30 }, () => encodeControl({ type: "ack", seq: 1 })));
  let taken = 0;
  const flood = async () => {
    await flooding.say(HELLO);
    for (;;) {
      await flooding.send(acks);
      taken += acks.length;
    }
  };
  const refused = assertRejects(flood, Deno.errors.BrokenPipe);
  flooding.listen();
  await time.pass(100);
  const burst = taken;
  assert(burst > 60_000 && burst < 70_000, `${burst} bytes at once`);
  await time.pass(5000);
  const rate = (taken - burst) / 5;
  assert(rate > 15_000 && rate < 18_000, `${rate} bytes a second`);
  stage.publish(1);
  await viewer.hearControl("ping");
  await hearPicture(viewer, 1);
  await stage.clear();
  await refused;
});

timeTest("Hub disconnects a raw client that takes no byte for a minute", async (time) => {
  const stage = new Stage();
  const stalled = stage.join("stalled", 1000);
  await time.pass(GRACE_MS);
  stage.publish(1, 5000);
  await time.pass(60_000);
  assertEquals(stage.hub.viewers, 1);
  await time.pass(2000);
  assertEquals(stage.hub.viewers, 0);
  // Its descriptor is free when the write has come to its end.
  stalled.close();
  await time.settle();
  await stage.clear();
  assertStringIncludes(stage.log.join(), "took nothing for 60 s");
});

timeTest("Hub refuses a peer that asks faster than it reads", async (time) => {
  const stage = new Stage();
  const flooding = stage.join("flooding", 1000);
  const viewer = await stage.viewer("viewer");
  const pings = encodeControl({ type: "ping", time: 1795272000000 });
  const flood = async () => {
    for (let count = 0; count < 10_000; count++) await flooding.send(pings);
  };
  const refused = assertRejects(flood, Deno.errors.BrokenPipe);
  await time.pass(2000);
  await refused;
  assertStringIncludes(stage.log.join(), "Cannot keep up");
  stage.publish(1);
  await hearPicture(viewer, 1);
  flooding.close();
  await stage.clear();
});

timeTest("Hub says bye after a frame that is being written", async (time) => {
  const stage = new Stage();
  const peer = await stage.viewer("peer", 1000);
  await peer.hearControl("ping");
  stage.publish(1, 5000);
  await time.settle();
  const cleared = stage.clear();
  await hearPicture(peer, 1, 5000);
  assertEquals((await peer.hearControl("bye")).reason, "the test is over");
  assertEquals(await peer.hear(), undefined);
  await cleared;
});

timeTest("Hub.close() waits at most a second for a viewer to read its bye", async (time) => {
  const stage = new Stage();
  const peer = await stage.viewer("peer", 1000);
  stage.publish(1, 5000);
  await time.settle();
  const closed = stage.hub.close("enough");
  await time.pass(1000);
  await closed;
  peer.close();
  await stage.clear();
});

timeTest("Hub ignores the messages of a viewer that it disconnects", async (time) => {
  const stage = new Stage();
  const peer = await stage.viewer("peer", 1000);
  await peer.hearControl("ping");
  stage.publish(1, 5000);
  await time.settle();
  const closed = stage.hub.close("enough");
  await peer.say({ type: "ack", seq: 0 }, HELLO);
  stage.publish(2, 5000);
  await hearPicture(peer, 1, 5000);
  assertEquals((await peer.hear() as Control).type, "bye");
  assertEquals(await peer.hear(), undefined);
  await closed;
  await stage.clear();
});

timeTest("Hub survives whatever peers send, and returns every buffer", async (time) => {
  const valid: Bytes[] = [
    HELLO,
    HELLO_TO_ALL,
    ...[0, 1, 2, 1e9].map((seq): Control => ({ type: "ack", seq })),
    { type: "ping", time: 1 } as const,
    { type: "pong", time: now(), clock: 0 } as const,
    { type: "stream", version: 1, name: "", live: true, reason: "" } as const,
    { type: "frame", seq: 1, time: 1 } as const,
    { type: "bye", reason: "" } as const,
  ].map(encodeControl);
  const stage = new Stage();
  const viewer = stage.join();
  await time.pass(GRACE_MS);
  for (let seed = 0; seed < 500; seed++) {
    const random = new Random(seed);
    const peers = [1, 2, 3].map(() => stage.join("peer", random.pick([100, 10_000, Infinity])));
    for (let round = 0; round < 6; round++) {
      await time.pass(random.pick([0, 1, GRACE_MS]));
      stage.publish(round, random.pick([0, 2000]));
      const peer = random.pick(peers);
      const messages = join(...[1, 2, 3].map(() => random.pick(valid)));
      const bytes = random.below(3) === 0 ? random.damaged(messages) : messages;
      if (random.below(3) === 0) peer.listen();
      if (!peer.hasEnded) peer.send(bytes).catch(() => {}); // closed already
      if (random.below(8) === 0) peer.break(new Deno.errors.ConnectionReset());
      await viewer.hearFrame();
    }
    for (const peer of peers) peer.break(new Deno.errors.ConnectionReset());
    await time.settle();
    assertEquals(stage.hub.viewers, 1, `seed ${seed}`);
  }
  await stage.clear();
});

timeTest(
  "Hub passes frames of another sender on, with their numbers, times and state",
  async () => {
    const stage = new Stage({ name: "relayed" });
    const pass = (number: number, seq: number, at: number) => {
      const frame = stage.pool.frame(picture(number));
      [frame.seq, frame.time] = [seq, at];
      stage.hub.pass(frame);
    };
    const peer = await stage.viewer();
    const hear = async (number: number) => {
      const { seq, time } = await peer.hearControl("frame");
      assertEquals(await peer.hearFrame(), picture(number));
      await peer.say({ type: "ack", seq });
      return [seq, time];
    };
    const stream = { type: "stream" as const, version: 1, name: "relayed" };
    stage.hub.follow({ live: true, reason: "", hops: 1 });
    assertEquals(await peer.hearControl("stream"), { ...stream, live: true, reason: "", hops: 1 });
    pass(1, 70, 1000.5);
    assertEquals(await hear(1), [70, 1000.5]);

    const state = { live: false, reason: "unplugged", hops: 1 };
    stage.hub.follow(state);
    assertEquals(await peer.hearControl("stream"), { ...stream, ...state });
    stage.hub.follow({ ...state });
    pass(2, 71, 2000);
    assertEquals(await hear(2), [71, 2000], "it is told once, and no other picture comes");
    const late = await stage.viewer("late");
    assertEquals((await late.hearControl("frame")).seq, 71, "its picture for newcomers");

    stage.hub.lost("gone");
    assertEquals(await peer.hearControl("stream"), { ...stream, ...state, reason: "gone" });
    const { seq } = await peer.hearControl("frame");
    assertEquals([seq, sizeOf(await peer.hearFrame())], [72, sizeOf(picture(1))]);
    await peer.say({ type: "ack", seq });
    stage.hub.follow({ live: true, reason: "", hops: 1 });
    await peer.hearControl("stream");
    pass(3, 72, 3000);
    assertEquals(await hear(3), [73, 3000], "a number is never given twice");
    assertEquals(stage.hub.totals.frames, 2, "without pictures that say NO SIGNAL");
    await stage.clear();
  },
);
