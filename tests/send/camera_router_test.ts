// Which camera a viewer gets, without network or real time.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { encodeControl } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { Hub } from "../../lib/send/hub.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { join, jpeg } from "../support/jpegs.ts";
import { timeTest } from "../support/time.ts";
import { connect, type End, Peer } from "../support/wire.ts";

const DOOR = jpeg(join(1));
const YARD = jpeg(join(2));

/** Two cameras, each with a picture of its own. */
class Stage {
  readonly door = new Hub({ name: "door" });
  readonly yard = new Hub({ name: "yard" });
  readonly router = new CameraRouter([this.door, this.yard]);
  readonly served: Promise<void>[] = [];
  readonly ends: End[] = [];

  constructor() {
    this.door.publish(Frame.from(DOOR, { time: 0 }));
    this.yard.publish(Frame.from(YARD, { time: 0 }));
  }

  join(): Peer {
    const [here, there] = connect();
    this.ends.push(there);
    this.served.push(this.router.serve(there, "peer"));
    return new Peer(here);
  }

  async clear(): Promise<void> {
    await Promise.all([this.door, this.yard].map((hub) => hub.close("the test is over")));
    await Promise.all(this.served);
    assert(this.ends.every(({ isClosed }) => isClosed));
  }
}

/** What a viewer is told the picture is called, and the picture. */
async function watch(peer: Peer): Promise<[string, Uint8Array]> {
  const { name } = await peer.hearControl("stream");
  await peer.hearControl("frame");
  return [name, await peer.hearFrame()];
}

Deno.test("CameraRouter gives a viewer the camera that it names, or else the first", async () => {
  const stage = new Stage();
  const cases: [string | undefined, string, Uint8Array][] = [
    [undefined, "door", DOOR],
    ["door", "door", DOOR],
    ["yard", "yard", YARD],
  ];
  for (const [camera, name, picture] of cases) {
    const peer = stage.join();
    await peer.say({ type: "hello", version: 1, ...(camera === undefined ? {} : { camera }) });
    assertEquals(await watch(peer), [name, picture]);
  }
  assertEquals([stage.door.viewers, stage.yard.viewers], [2, 1]);
  await stage.clear();
});

Deno.test("CameraRouter tells a viewer that names an unknown camera which ones there are", async () => {
  const stage = new Stage();
  const peer = stage.join();
  await peer.say({ type: "hello", version: 1, camera: "attic" });
  const { reason } = await peer.hearControl("bye");
  assertEquals(reason, 'There is no camera "attic" here, but "door", "yard"');
  assertEquals(await peer.hear(), undefined);
  await stage.clear();
});

Deno.test("CameraRouter lists its cameras without starting one", async () => {
  const stage = new Stage();
  let isWatched = false;
  const stop = new AbortController();
  const watched = stage.door.watched(stop.signal).then(() => isWatched = !stop.signal.aborted);
  const peer = stage.join();
  await peer.say({ type: "list", version: 1 });
  assertEquals(await peer.hearControl("cameras"), {
    type: "cameras",
    cameras: ["door", "yard"],
    live: [true, true],
  });
  assertEquals(await peer.hear(), undefined);
  stop.abort();
  await watched;
  assertEquals(isWatched, false);
  await stage.clear();
});

Deno.test("CameraRouter passes on who asks for a code, if the connection is encrypted", async () => {
  const asked: string[] = [];
  const door = new Hub({ name: "door" });
  door.publish(Frame.from(DOOR, { time: 0 }));
  const router = new CameraRouter([door], (connection, peer) => {
    asked.push(peer);
    connection.close();
    return Promise.resolve();
  });
  const served = ["encrypted", "plain"].map(async (kind) => {
    const [here, there] = connect();
    const end = kind === "plain" ? there : Object.assign(there, { handshake: () => {} });
    const serving = router.serve(end, kind);
    const peer = new Peer(here);
    await peer.say({ type: "invite", version: 1 });
    // Who may not ask is a viewer like any other.
    if (kind === "plain") assertEquals(await peer.hearFrame(), DOOR);
    else assertEquals(await peer.hear(), undefined);
    if (kind === "plain") await door.close("the test is over");
    await serving;
  });
  await Promise.all(served);
  assertEquals(asked, ["encrypted"]);
});

Deno.test("CameraRouter understands a hello in any pieces, and what follows it", async () => {
  const hello: Control = { type: "hello", version: 1, camera: "yard" };
  const bytes = join(encodeControl(hello), encodeControl({ type: "ping", time: 7 }));
  for (let cut = 1; cut < bytes.length; cut++) {
    const stage = new Stage();
    const peer = stage.join();
    await peer.send(bytes.subarray(0, cut));
    await peer.send(bytes.subarray(cut));
    assertEquals((await peer.hearControl("stream")).name, "yard", `cut at ${cut}`);
    for (let isHeard = false; !isHeard;) {
      const message = await peer.hear();
      assert(message !== undefined, `no pong, cut at ${cut}`);
      isHeard = !(message instanceof Frame) && message.type === "pong" && message.time === 7;
    }
    await stage.clear();
  }
});

Deno.test("CameraRouter understands a hello of the maximum length", async () => {
  const hello = `{"type":"hello","version":1,"camera":"yard","new":"${"x".repeat(4000)}"}`;
  const stage = new Stage();
  const peer = stage.join();
  await peer.send(0, 0, hello.length >> 8, hello.length & 0xff, new TextEncoder().encode(hello));
  assertEquals((await peer.hearControl("stream")).name, "yard");
  await stage.clear();
});

timeTest(
  "CameraRouter waits 10 s in total for the rest of a hello that arrives byte by byte",
  async (time) => {
    const stage = new Stage();
    const peer = stage.join();
    await peer.send(0);
    await time.pass(9000);
    await peer.send(0);
    await time.pass(900);
    assertEquals(stage.door.viewers, 0);
    await time.pass(101);
    assertEquals(stage.door.viewers, 1);
    await stage.clear();
  },
);

timeTest("CameraRouter passes a peer with many unknown messages to the hub", async (time) => {
  const stage = new Stage();
  const peer = stage.join();
  const unknown = new TextEncoder().encode('{"type":"new"}');
  for (let count = 0; count < 300; count++) await peer.send(0, 0, 0, unknown.length, unknown);
  await time.settle();
  assertEquals(stage.door.viewers, 1);
  await stage.clear();
});

timeTest(
  "CameraRouter gives a raw client the first camera, without waiting twice",
  async (time) => {
    const stage = new Stage();
    const peer = stage.join();
    const picture = peer.hearFrame();
    await time.pass(1001);
    assertEquals(stage.door.viewers, 1);
    await time.pass(1);
    assertEquals(await picture, DOOR);
    await stage.clear();
  },
);

timeTest("CameraRouter serves a raw client that says hello later", async (time) => {
  const stage = new Stage();
  const peer = stage.join();
  await time.pass(1050);
  assertEquals(await peer.hearFrame(), DOOR);
  await peer.say({ type: "hello", version: 1 });
  assertEquals((await peer.hearControl("stream")).name, "door");
  await stage.clear();
});

Deno.test("CameraRouter passes a peer that violates the protocol or disconnects to the hub", async () => {
  const stage = new Stage();
  const wrong = stage.join();
  await wrong.send(Uint8Array.of(0, 0, 0, 9, 0x41, 0x42));
  const { reason } = await wrong.hearControl("bye");
  assertEquals(reason.slice(0, 21), "Cannot read a message");
  const gone = stage.join();
  gone.close();
  await Promise.all(stage.served);
  assertEquals([stage.door.viewers, stage.yard.viewers], [0, 0]);
  await stage.clear();
});
