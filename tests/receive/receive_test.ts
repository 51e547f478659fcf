// The receiver's side of the protocol, without network or real time.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import {
  encodeControl,
  encodeDescribedFrame,
  encodeFrame,
  encodeSound,
} from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { type Bytes, Frame } from "../../lib/jpeg/frame.ts";
import { type ReceivedFrame, receiveFrom, type ReceiveOptions } from "../../lib/receive/receive.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { EOI, HEADER, join, jpeg, SCAN, sof, SOI, SOS } from "../support/jpegs.ts";
import { Random } from "../support/random.ts";
import { listenedSignal } from "../support/signal.ts";
import { type Time, timeTest } from "../support/time.ts";
import { connect, type End, Peer } from "../support/wire.ts";

const STREAM: Control = { type: "stream", version: 1, name: "door", live: true, reason: "" };

/** The n-th picture. */
function picture(number: number): Bytes {
  return jpeg(join(number, SCAN));
}

/** The n-th picture as it is sent to a viewer that said hello. */
function described(number: number, seq = number, time = 0): Bytes {
  return encodeDescribedFrame(Frame.from(picture(number), { seq, time }));
}

/** The n-th picture as it is sent to a raw client. */
function bare(number: number): Bytes {
  return encodeFrame(Frame.from(picture(number), { time: 0 }));
}

/** A receiver, and its sender in the hands of the test. */
class Stage {
  readonly sender: Peer;
  readonly end: End;
  readonly frames: AsyncGenerator<ReceivedFrame, void, void>;
  readonly events: string[] = [];

  constructor(options: ReceiveOptions & { capacity?: number } = {}) {
    const [here, there] = connect(options.capacity);
    this.end = here;
    this.sender = new Peer(there);
    this.frames = receiveFrom(here, {
      ...options,
      onEvent: (event) => this.events.push(Object.values(event).join(" ")),
    });
  }

  /** The next frame that the receiver is given: its number in the picture. */
  async next(): Promise<ReceivedFrame & { number: number }> {
    const { value, done } = await this.frames.next();
    assert(!done && value !== undefined, "the frames have ended");
    const number = value.frame.jpeg[picture(0).findIndex((byte, at) => byte !== picture(1)[at])];
    assertEquals(value.frame.jpeg, picture(number));
    return { ...value, number };
  }

  /** Asks for a frame without waiting; the test sends one later. */
  asked(): Promise<ReceivedFrame & { number: number }> {
    const next = this.next();
    next.catch(() => {}); // is awaited later
    return next;
  }

  /** The sentence that the frames end with. */
  async failure(): Promise<string> {
    const { message } = await assertRejects(() => this.frames.next(), CamcatError);
    assert(this.end.isClosed);
    return message;
  }

  /** Ends it as a consumer does that has seen enough. */
  async clear(): Promise<void> {
    await this.frames.return();
    assert(this.end.isClosed);
  }
}

timeTest("receiveFrom() says hello, asks for the time, and answers pings", async () => {
  const stage = new Stage();
  const first = stage.asked();
  assertEquals(await stage.sender.hear(), { type: "hello", version: 1, heartbeat: true });
  await stage.sender.say(STREAM, { type: "ping", time: 5 });
  const ping = await stage.sender.hear() as Control;
  assertEquals(ping.type, "ping");
  assertEquals(await stage.sender.hear(), { type: "pong", time: 5, clock: now() });
  await stage.sender.send(described(1));
  assertEquals((await first).number, 1);
  await stage.clear();
});

timeTest("receiveFrom() never takes another camera for the one that it asks for", async () => {
  const stage = new Stage({ camera: "door" });
  const first = stage.asked();
  await stage.sender.hearControl("hello");
  await stage.sender.send(bare(1)); // of the first camera, because the hello was late
  await stage.sender.say(STREAM);
  await stage.sender.send(described(2));
  assertEquals((await first).number, 2);
  await stage.clear();
});

timeTest("receiveFrom() acknowledges a frame when the next one is asked for", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.hearControl("hello");
  await stage.sender.say(STREAM);
  await stage.sender.hearControl("ping");
  await stage.sender.send(described(1, 41));
  assertEquals((await first).frame.seq, 41);
  let heard: unknown;
  const hearing = stage.sender.hear().then((message) => heard = message);
  await time.settle();
  assertEquals(heard, undefined, "the caller is busy with it still");
  const second = stage.asked();
  await hearing;
  assertEquals(heard, { type: "ack", seq: 41 });
  await stage.sender.send(described(2, 42));
  await second;
  await stage.clear();
});

timeTest("receiveFrom() gives the newest frame to a caller who was busy", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(1, 10));
  assertEquals((await first).dropped, 0, "what was before the first is no loss");
  // 11 and 12 are replaced here, 13 was replaced at the sender.
  await stage.sender.send(described(2, 11), described(3, 12));
  await time.settle();
  await stage.sender.send(described(4, 14));
  await time.settle();
  const newest = await stage.next();
  assertEquals([newest.number, newest.frame.seq, newest.dropped], [4, 14, 3]);
  const later = stage.asked();
  await stage.sender.send(described(5, 15));
  assertEquals((await later).dropped, 0);
  await stage.clear();
});

timeTest(
  "receiveFrom() gives every frame to a caller who asked for it and was busy",
  async (time) => {
    const stage = new Stage({ allFrames: true });
    const first = stage.asked();
    assertEquals(await stage.sender.hear(), {
      type: "hello",
      version: 1,
      frames: "all",
      heartbeat: true,
    });
    await stage.sender.say(STREAM);
    await stage.sender.send(described(1, 10));
    await first;
    // 13 and 14 were lost at the sender.
    await stage.sender.send(described(2, 11), described(3, 12), described(4, 15), described(5, 16));
    await time.settle();
    for (const [number, seq, dropped] of [[2, 11, 0], [3, 12, 0], [4, 15, 2], [5, 16, 0]]) {
      const received = await stage.next();
      assertEquals([received.number, received.frame.seq, received.dropped], [number, seq, dropped]);
    }
    for (const seq of [10, 11, 12, 15]) {
      assertEquals(await stage.sender.hearControl("ack"), { type: "ack", seq });
    }
    await stage.clear();
  },
);

timeTest("receiveFrom() reads no more than it may keep while the caller is busy", async (time) => {
  const stage = new Stage({ allFrames: true, capacity: 1000 });
  const first = stage.asked();
  stage.sender.listen();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(0));
  await first;
  let sent = 0;
  const sending = (async () => {
    for (let number = 1; number <= 200; number++) {
      await stage.sender.send(described(number));
      sent = number;
    }
  })();
  // It hears nothing for a minute, because it does not listen, and does not hold that against it.
  for (let second = 0; second < 60; second++) await time.pass(1000);
  const inPipe = Math.ceil(1000 / described(100).length);
  assert(sent >= 16 && sent <= 16 + 2 * inPipe, `${sent} frames were taken`);
  for (let number = 1; number <= 200; number++) {
    const received = await stage.next();
    assertEquals([received.number, received.dropped], [number, 0]);
    await time.pass(100);
  }
  await sending;
  // From now on it listens, and does.
  const failure = stage.failure();
  await time.pass(12_000);
  assertStringIncludes(await failure, "has been silent for 10 s");
});

timeTest("receiveFrom() asks for the time only when it hears the answer", async (time) => {
  const stage = new Stage({ allFrames: true });
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(0));
  await first;
  const count = async () => {
    let pings = 0;
    await stage.sender.say({ type: "bye", reason: "enough" }); // not read, if it does not read
    await time.settle();
    for (let message; (message = await stage.sender.hear()) !== undefined;) {
      if ((message as Control).type === "ping") pings++;
    }
    return pings;
  };
  for (let number = 1; number <= 40; number++) {
    await stage.sender.send(described(number));
    await time.settle();
  }
  for (let second = 0; second < 60; second++) await time.pass(1000);
  const counted = count();
  for (let number = 1; number <= 40; number++) assertEquals((await stage.next()).number, number);
  assertEquals(await stage.failure(), "The sender says: enough");
  assertEquals(await counted, 1, "the one before it had to wait");
});

timeTest("receiveFrom() yields all frames before it reports the end", async (time) => {
  const stage = new Stage({ allFrames: true });
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(0));
  await first;
  for (let number = 1; number <= 30; number++) await stage.sender.send(described(number));
  stage.sender.close();
  await time.settle();
  for (let number = 1; number <= 30; number++) assertEquals((await stage.next()).number, number);
  assertEquals(await stage.failure(), "The sender closed the connection");
});

timeTest("receiveFrom() ends while it does not read", async (time) => {
  for (const how of ["abort", "return"]) {
    const stop = new AbortController();
    const stage = new Stage({ allFrames: true, signal: stop.signal });
    const first = stage.asked();
    await stage.sender.send(described(0));
    await first;
    for (let number = 1; number <= 30; number++) {
      await stage.sender.send(described(number));
      await time.settle();
    }
    if (how === "return") await stage.clear();
    else stop.abort();
    assertEquals(await stage.frames.next(), { value: undefined, done: true });
    assert(stage.end.isClosed);
  }
});

timeTest("receiveFrom() takes bare frames, and acknowledges none", async () => {
  const stage = new Stage();
  for (const number of [1, 2, 3]) {
    const next = stage.asked();
    await stage.sender.send(bare(number));
    const { frame, capturedAt, dropped } = await next;
    assertEquals(frame.jpeg, picture(number));
    assertEquals([frame.seq, capturedAt, dropped], [number - 1, undefined, 0]);
  }
  await stage.clear();
  assertEquals(await stage.sender.hear(), { type: "hello", version: 1, heartbeat: true });
  assertEquals(await stage.sender.hear(), undefined);
});

timeTest("receiveFrom() gives the time of capture on this machine's clock", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(1, 1, 5000));
  assertEquals((await first).capturedAt, undefined, "their clock is not known yet");
  await stage.sender.hearControl("hello");
  const ping = await stage.sender.hearControl("ping");
  // Their clock shows 100,000 half-way between.
  const asked = now();
  await time.pass(20);
  await stage.sender.say({ type: "pong", time: ping.time, clock: 100_000 });
  const second = stage.asked();
  await stage.sender.send(described(2, 2, 100_030));
  assertEquals(Math.round((await second).capturedAt! - asked), 40);

  await stage.sender.say({ ...STREAM, live: false, reason: "unplugged" } as Control);
  const third = stage.asked();
  await stage.sender.send(described(3, 3, 100_040));
  assertEquals((await third).capturedAt, undefined, "an old picture has no age");
  await stage.clear();
});

timeTest("receiveFrom() reports the stream", async () => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.say(STREAM, { ...STREAM, live: false, reason: "\x1b[2Junplugged" } as Control);
  await stage.sender.send(described(1));
  await first;
  assertEquals(stage.events, ["stream door true ", "stream door false \ufffd[2Junplugged"]);
  await stage.clear();
});

timeTest("receiveFrom() gives buffers back of frames that were seen or replaced", async (time) => {
  const stage = new Stage();
  const buffers = new Set<ArrayBufferLike>();
  const { read } = stage.end;
  stage.end.read = (into) => {
    buffers.add(into.buffer);
    return read(into);
  };
  const kept: Frame[] = [];
  for (let number = 0; number < 50; number++) {
    for (const sent of [99, number]) {
      await stage.sender.send(described(sent));
      await time.settle();
    }
    const { frame } = await stage.next();
    if (number > 0 && number <= 3) kept.push(frame.retain());
  }
  assert(buffers.size <= kept.length + 4, `${buffers.size} buffers for 100 frames`);
  assertEquals(kept.map(({ jpeg }) => jpeg), [1, 2, 3].map(picture), "those that are kept");
  await stage.clear();
});

timeTest("receiveFrom() yields the last frame before it reports the end", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await stage.sender.send(described(1));
  await first;
  await stage.sender.send(described(2), encodeControl({ type: "bye", reason: "the file is over" }));
  stage.sender.close();
  await time.settle();
  assertEquals((await stage.next()).number, 2);
  assertEquals(await stage.failure(), "The sender says: the file is over");
});

/** Ways for a connection to end, and the sentence for it. */
const ENDS: Record<string, [(sender: Peer, time: Time) => unknown, string]> = {
  "a bye": [
    (sender) => sender.say({ type: "bye", reason: "no place for you" }),
    "The sender says: no place for you",
  ],
  "its close": [(sender) => sender.close(), "The sender closed the connection"],
  "a reset": [
    (sender) => sender.break(new Deno.errors.ConnectionReset("reset by peer (os error 104)")),
    "reset by peer (os error 104)",
  ],
  "silence": [(_, time) => time.pass(11_000), "The sender has been silent for 10 s"],
  "a web page": [
    (sender) => sender.send(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")),
    "its first byte must be FF (a JPEG)",
  ],
  "a frame of 4 GB": [
    (sender) => sender.send(0xff, 0xff, 0xff, 0xff, 0xff),
    "must be 1 to 16777216 bytes long, received 4294967295",
  ],
  "a control message of 5000 bytes": [
    (sender) => sender.send(0, 0, 0x13, 0x88, 0x7b),
    "must be 1 to 4096 bytes long, received 5000",
  ],
  "a stream without its name": [
    (sender) => sender.say({ type: "stream", version: 1 } as Control),
    '"name" of "stream" must be a string',
  ],
};

for (const [name, [end, sentence]] of Object.entries(ENDS)) {
  for (const isKnown of [true, false]) {
    const when = isKnown ? "in the midst of it" : "at its start";
    timeTest(`receiveFrom() reports how it ended: by ${name}, ${when}`, async (time) => {
      const stage = new Stage();
      if (isKnown) {
        const first = stage.asked();
        await stage.sender.say(STREAM);
        await stage.sender.send(described(1));
        await first;
      }
      const failure = stage.failure();
      await time.settle();
      await end(stage.sender, time);
      assertStringIncludes(await failure, sentence);
      assertEquals(await stage.frames.next(), { value: undefined, done: true });
    });
  }
}

timeTest("receiveFrom() says why to a sender that breaks the protocol", async () => {
  const stage = new Stage({ maxFrameBytes: 1000 });
  const failure = stage.failure();
  await stage.sender.say(STREAM);
  await stage.sender.hearControl("hello");
  await stage.sender.send(0, 0, 0x13, 0x88, 0xff);
  await failure;
  assertStringIncludes((await stage.sender.hearControl("bye")).reason, "1 to 1000 bytes long");
});

timeTest("receiveFrom() stays with a sender that has no picture, but answers", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  for (let second = 0; second < 60; second++) {
    await stage.sender.say(second === 0 ? STREAM : { type: "ping", time: second });
    await time.pass(1000);
  }
  await stage.sender.send(described(1));
  assertEquals((await first).number, 1);
  await stage.clear();
});

timeTest("receiveFrom() stays with a sender while it sleeps itself", async (time) => {
  const stage = new Stage();
  const first = stage.asked();
  await stage.sender.say(STREAM);
  await time.sleep(60_000);
  await stage.sender.send(described(1));
  assertEquals((await first).number, 1);
  const failure = stage.failure();
  await time.pass(12_000);
  assertStringIncludes(await failure, "has been silent for 10 s");
});

timeTest(
  "receiveFrom() reports a silent sender after 2 s, and when it is heard again",
  async (time) => {
    const stage = new Stage();
    const { events } = stage;
    const first = stage.asked();
    await stage.sender.say(STREAM);
    await stage.sender.send(described(1));
    await first;
    events.splice(0);
    await time.pass(1900);
    assertEquals(events, []);
    await time.pass(350);
    assertEquals(events, ["silent The sender does not answer"]);
    await time.pass(3000);
    await stage.sender.say({ type: "pong", time: 0, clock: 0 });
    await time.settle();
    assertEquals(events.slice(1), ["heard"]);
    // A slow camera: as long as the sender answers, no picture is missing.
    for (let second = 0; second < 60; second++) {
      await stage.sender.say({ type: "pong", time: 0, clock: 0 });
      await time.pass(1000);
    }
    assertEquals(events.length, 2);
    await stage.clear();
  },
);

timeTest("receiveFrom() refuses pictures of more pixels than it may take", async () => {
  const large = join(SOI, sof(8192, 8192), SOS, SCAN, EOI);
  const hidden = join(HEADER, SOS, SCAN, sof(8192, 8192), SOS, SCAN, EOI);
  const cases: [jpeg: Uint8Array, options: ReceiveOptions, refusal?: string][] = [
    [large, {}, "it has 8192x8192 pixels, more than 33177600"],
    [large, { maxPixels: 8192 ** 2 }],
    [hidden, { maxPixels: 8192 ** 2 }, "it has a second frame header"],
  ];
  for (const [jpeg, options, refusal] of cases) {
    const stage = new Stage(options);
    const next = stage.frames.next();
    next.catch(() => {}); // is awaited below
    await stage.sender.say(STREAM);
    await stage.sender.send(encodeFrame(Frame.from(jpeg, { time: 0 })));
    if (refusal === undefined) {
      assertEquals((await next).done, false);
      await stage.clear();
    } else {
      const { message } = await assertRejects(() => next, CamcatError);
      assertStringIncludes(message, refusal);
    }
  }
});

timeTest("receiveFrom() refuses more control messages than a sender needs", async (time) => {
  for (const message of [STREAM, { type: "pong", time: 0, clock: 0 }] as Control[]) {
    const stage = new Stage();
    const failure = stage.failure();
    // What a sender needs, for a minute.
    for (let second = 0; second < 60; second++) {
      await stage.sender.say(message, message, message);
      await time.pass(1000);
    }
    await stage.sender.say(...Array<Control>(500).fill(message)).catch(() => {});
    assertStringIncludes(await failure, "more than 100 control messages a second");
  }
});

timeTest("receiveFrom() refuses more sound than there can be", async (time) => {
  let heard = 0;
  const stage = new Stage({ onSound: () => heard++ });
  const failure = stage.failure();
  const packets = (count: number, data = Uint8Array.of(0xe0)) =>
    // 2.5 ms of silence
    join(...Array.from({ length: count }, (_, seq) =>
      encodeSound(new SoundPacket({ seq, time: 0, data }))));
  await stage.sender.say(STREAM);
  await stage.sender.send(packets(3000)); // after a standstill
  for (let second = 0; second < 20; second++) {
    await stage.sender.say({ type: "pong", time: 0, clock: 0 });
    await stage.sender.send(packets(400));
    await time.pass(1000);
  }
  assertEquals(heard, 3000 + 20 * 400);
  await stage.sender.send(packets(5000)).catch(() => {});
  assertStringIncludes(await failure, "400 packets of sound");
  assert(heard < 3000 + 20 * 400 + 4000, `${heard}`);
});

timeTest("receiveFrom() ends without an error when it is aborted, or was before", async (time) => {
  const stop = new AbortController();
  const [waiting, busy] = [new Stage({ signal: stop.signal }), new Stage({ signal: stop.signal })];
  const next = waiting.frames.next();
  const first = busy.asked();
  await busy.sender.send(bare(1));
  await first;
  await busy.sender.send(bare(2));
  await time.settle();
  stop.abort();
  assertEquals(await next, { value: undefined, done: true });
  assertEquals(await busy.frames.next(), { value: undefined, done: true });
  const late = new Stage({ signal: stop.signal });
  assertEquals(await late.frames.next(), { value: undefined, done: true });
  for (const { end } of [waiting, busy, late]) assert(end.isClosed);
});

timeTest("receiveFrom() leaves nothing behind when the caller has seen enough", async () => {
  const { signal, listeners } = listenedSignal();
  const stage = new Stage({ signal });
  await stage.sender.send(bare(1));
  for await (const { frame } of stage.frames) {
    assertEquals(frame.jpeg, picture(1));
    assertEquals(listeners.size, 1);
    break;
  }
  assertEquals(listeners.size, 0);
  assert(stage.end.isClosed);
});

timeTest(
  "receiveFrom() keeps no endless queue of answers to one that does not listen",
  async (time) => {
    const stop = new AbortController();
    const stage = new Stage({ capacity: 1000, signal: stop.signal });
    const ended = stage.frames.next().catch((error) => assert(error instanceof CamcatError));
    const pings = Array<Control>(100).fill({ type: "ping", time: 1 });
    await stage.sender.say(STREAM);
    try {
      for (let count = 0; count < 100; count++) await stage.sender.say(...pings);
    } catch (error) {
      assert(error instanceof Deno.errors.BrokenPipe); // refused, which is as good
    }
    let answers = 0;
    const counting = (async () => {
      while (await stage.sender.hear() !== undefined) answers++;
    })();
    await time.settle();
    stop.abort();
    await Promise.all([ended, counting]);
    assert(answers < 500, `${answers} answers were queued`);
  },
);

timeTest("receiveFrom() throws nothing but CamcatError, whatever it receives", async (time) => {
  const valid = [
    ...[STREAM, { type: "ping", time: 1 }, { type: "pong", time: now(), clock: 0 }] as Control[],
    ...[{ type: "hello", version: 1 }, { type: "ack", seq: 1 }] as Control[],
  ].map(encodeControl).concat(described(1), described(2, 1e15), bare(3));
  for (let seed = 0; seed < 500; seed++) {
    const random = new Random(seed);
    const capacity = random.pick([100, Infinity]);
    const stage = new Stage({ maxFrameBytes: 1000, capacity, allFrames: seed % 2 === 0 });
    const receiving = (async () => {
      for await (const { frame, dropped } of stage.frames) {
        assert(frame.jpeg.length > 0 && dropped >= 0);
        if (random.below(2) === 0) await Promise.resolve();
      }
    })();
    receiving.catch(() => {}); // is awaited below
    stage.sender.listen();
    try {
      for (let round = 0; round < 5; round++) {
        await stage.sender.send(random.damaged(join(...[1, 2, 3].map(() => random.pick(valid)))));
        await time.pass(random.pick([0, 0, 1000]));
      }
      stage.sender.close();
    } catch {
      // refused
    }
    await assertRejects(() => receiving, CamcatError, "", `seed ${seed}`);
  }
});
