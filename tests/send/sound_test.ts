// Sound from a hub to its viewers, beside the pictures.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import type { Message } from "../../lib/protocol/codec.ts";
import type { Hello } from "../../lib/protocol/control.ts";
import { Hub } from "../../lib/send/hub.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { jpeg } from "../support/jpegs.ts";
import { type Time, timeTest } from "../support/time.ts";
import { connect, Peer } from "../support/wire.ts";

const LISTEN: Hello = { type: "hello", version: 1, sound: true };
/** Longer than what may be under way on a path about which nothing is known. */
const LARGE = jpeg(new Uint8Array(60_000).fill(0x55));

/** A hub with sound, and viewers that write down all they hear. */
class Stage {
  readonly hub = new Hub({ name: "door" });
  #served: Promise<void>[] = [];

  constructor() {
    this.hub.sound.announce(1);
  }

  /** A viewer says `hello`, or nothing as a raw client. */
  join(hello?: Hello): { peer: Peer; heard: string[] } {
    const [here, there] = connect();
    this.#served.push(this.hub.serve(there, "peer", { isRaw: hello === undefined }));
    const peer = new Peer(here);
    const heard: string[] = [];
    (async () => {
      if (hello !== undefined) await peer.say(hello);
      for (let message; (message = await peer.hear()) !== undefined;) heard.push(inShort(message));
    })();
    return { peer, heard };
  }

  /** Publishes a packet of 10 ms. */
  sound(time = now()): void {
    this.hub.sound.publish(new SoundPacket({ seq: 0, time, data: Uint8Array.of(0xf0, 1, 2) }));
  }

  picture(jpeg: Uint8Array): void {
    this.hub.publish(Frame.from(jpeg, { time: now() }));
  }

  async clear(): Promise<void> {
    await this.hub.close("the test is over");
    await Promise.all(this.#served);
    assertEquals(this.hub.sound.viewers, 0);
  }
}

function inShort(message: Message): string {
  if (message instanceof Frame) return `picture of ${message.jpeg.length}`;
  if (message.type === "sound") return `sound ${message.seq}`;
  if (message.type !== "stream") return message.type;
  const { live, sound } = message;
  return `stream ${live} ${sound && `${sound.channels} ${sound.live} "${sound.reason}"`}`;
}

timeTest("Hub gives sound only to viewers that ask for it", async (time) => {
  const stage = new Stage();
  const small = jpeg();
  stage.picture(small);
  const listener = stage.join(LISTEN);
  const viewer = stage.join({ type: "hello", version: 1 });
  const raw = stage.join();
  await time.pass(10);
  assertEquals(stage.hub.sound.viewers, 1);
  for (let count = 0; count < 3; count++) stage.sound();
  await time.pass(1);
  stage.hub.sound.lost("unplugged");
  await time.pass(1);
  const picture = `picture of ${small.length}`;
  // The same for both, but for the sound: old viewers ignore the field of `stream`.
  const told = ['stream true 1 false ""', "ping", "frame", picture];
  assertEquals(listener.heard.filter((it) => !it.startsWith("stream true 1 true")), [
    ...told,
    ...["sound 0", "sound 1", "sound 2"],
    'stream true 1 false "unplugged"',
  ]);
  assert(!viewer.heard.some((it) => it.startsWith("sound")));
  assert(viewer.heard.includes('stream true 1 true ""'));
  assertEquals(raw.heard, [picture]);
  await stage.clear();
});

/** Lets the viewer tell what it has taken, as often as it takes something. */
async function take(time: Time, peer: Peer): Promise<void> {
  for (let told = -1; told !== peer.takenBytes;) {
    told = peer.takenBytes;
    await peer.say({ type: "taken", bytes: told });
    await time.pass(5);
  }
}

timeTest("Hub sends sound between the parts of a picture", async (time) => {
  const stage = new Stage();
  const { peer, heard } = stage.join(LISTEN);
  await time.pass(1);
  stage.picture(LARGE);
  await time.pass(10);
  const underWay = peer.takenBytes;
  assert(underWay > 1000 && underWay <= 16 * 1024, `${underWay} bytes are under way`);
  stage.sound();
  await time.pass(1);
  assertEquals(heard.slice(2), ["frame", 'stream true 1 true ""', "sound 0"]);
  await take(time, peer);
  assertEquals(heard.at(-1), `picture of ${LARGE.length}`);
  // The next one begins when this one is acknowledged, and loses nothing either.
  await peer.say({ type: "ack", seq: 0 });
  stage.picture(LARGE);
  stage.sound();
  await time.pass(10);
  await take(time, peer);
  assertEquals(heard.filter((it) => it.startsWith("picture")).length, 2);
  assertEquals(heard.filter((it) => it.startsWith("sound")), ["sound 0", "sound 1"]);
  await stage.clear();
});

timeTest(
  "Hub drops sound that a viewer does not take, and goes on with the newest",
  async (time) => {
    const stage = new Stage();
    const { peer, heard } = stage.join(LISTEN);
    await time.pass(1);
    for (let count = 0; count < 500; count++) { // 5 s in which the network stands still
      stage.sound();
      await time.pass(10);
    }
    const before = heard.filter((it) => it.startsWith("sound")).length;
    assert(before < 40, `${before} packets left before anybody took them`);
    await peer.say({ type: "taken", bytes: peer.takenBytes });
    stage.sound();
    await time.pass(1);
    const sounds = heard.filter((it) => it.startsWith("sound"));
    const late = sounds.slice(before);
    assert(late.length <= 22, `${late.length} packets had waited`);
    assertEquals(late.at(-1), "sound 500");
    assertEquals(stage.hub.sound.dropped, 501 - sounds.length);
    await stage.clear();
  },
);

timeTest(
  "Hub gives a viewer of every frame all sound in order, and whole pictures",
  async (time) => {
    const stage = new Stage();
    const [here, there] = connect(1000); // the connection takes 1000 bytes at once
    const served = stage.hub.serve(there, "recorder");
    const peer = new Peer(here);
    await peer.say({ ...LISTEN, frames: "all" });
    for (let count = 0; count < 50; count++) {
      if (count % 10 === 5) stage.picture(LARGE);
      stage.sound();
      await time.pass(10);
    }
    const heard: string[] = [];
    while (heard.filter((it) => it.startsWith("sound")).length < 50) {
      heard.push(inShort((await peer.hear())!));
    }
    const order = heard.filter((it) => /^(sound|picture)/.test(it));
    assertEquals(order, [
      ...Array.from({ length: 50 }, (_, seq) => [
        ...(seq % 10 === 5 ? [`picture of ${LARGE.length}`] : []),
        `sound ${seq}`,
      ]).flat(),
    ]);
    assertEquals(stage.hub.sound.dropped, 0);
    peer.close();
    await served;
    await stage.clear();
  },
);
