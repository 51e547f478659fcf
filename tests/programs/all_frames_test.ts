// Every frame for those who ask for it: over real sockets, and with the compiled programs.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeControl, type Message, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { type Bytes, Frame } from "../../lib/jpeg/frame.ts";
import { Key } from "../../lib/security/key.ts";
import { receive } from "../../lib/receive/receive.ts";
import { send, type Sending } from "../../lib/send/send.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { ffmpegJpegs, join, jpeg, SCAN } from "../support/jpegs.ts";
import { ffmpeg, numberedClip, readNumbers } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until, withPatience } from "../support/patience.ts";
import { programTest, startReceiver, startSender, TEST_KEY } from "../support/programs.ts";

const HERE = { hostname: "127.0.0.1", port: 0 };
const FRAME_BYTES = 100_000;

/** The n-th picture. */
function picture(number: number): Bytes {
  const text = new TextEncoder().encode(`picture ${number} `);
  return jpeg(join(text, SCAN, new Uint8Array(FRAME_BYTES)));
}

/** A sender whose pictures a test publishes, and what it said of losses. */
async function startSending(key?: Key): Promise<{ sender: Sending; lost: number[] }> {
  const lost: number[] = [];
  const sender = await send(ReadableStream.from<Uint8Array>([]), {
    listen: HERE,
    ...(key === undefined ? {} : { key }),
    onBehind: (_, frames) => lost.push(frames),
  });
  return { sender, lost };
}

/** Publishes pictures, and lets the program do its work between them. */
async function publish({ hub }: Sending, from: number, until: number): Promise<void> {
  for (let number = from; number < until; number++) {
    hub.publish(Frame.from(picture(number), { time: number }));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A viewer that wants every frame, and reads when it is told to. */
class Recorder implements Disposable {
  #connection: Deno.TcpConn;
  #reader = new MessageReader({ maxFrameBytes: 1 << 20 });
  #heard: Message[] = [];

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** One that has connected and heard of the stream. */
  static async start({ address }: Sending): Promise<Recorder> {
    const recorder = new Recorder(await Deno.connect(address));
    await recorder.#say({ type: "hello", version: 1, frames: "all" });
    assertEquals((await recorder.#hear() as Control).type, "stream");
    return recorder;
  }

  /** The number of the next picture, which is acknowledged. */
  async next(): Promise<number> {
    for (let seq = -1;;) {
      const message = await withPatience(() => this.#hear(), () => `a frame after ${seq}`);
      if (message instanceof Frame) {
        assertEquals(message.jpeg.length, picture(seq).length);
        assertStringIncludes(new TextDecoder().decode(message.jpeg), `picture ${seq} `);
        await this.#say({ type: "ack", seq });
        return seq;
      }
      if (message.type === "frame") seq = message.seq;
    }
  }

  async #hear(): Promise<Message> {
    while (this.#heard.length === 0) {
      const count = await this.#connection.read(this.#reader.space());
      assert(count !== null, "the connection has ended");
      this.#heard = this.#reader.commit(count);
    }
    return this.#heard.shift()!;
  }

  async #say(message: Control): Promise<void> {
    await this.#connection.write(encodeControl(message)); // small enough to be taken as a whole
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

Deno.test("send() keeps every frame for a viewer that stalls, and the newest for others", async () => {
  const { sender, lost } = await startSending();
  using recorder = await Recorder.start(sender);
  let newest = -1;
  const watching = (async () => {
    for await (const { frame } of receive(sender.address)) {
      newest = frame.seq;
      if (newest === 299) break;
    }
  })();
  await until(() => sender.hub.viewers === 2, "both viewers");
  await publish(sender, 0, 300); // 30 MB: several times what the kernels take
  await withPatience(() => watching, () => "the newest frame for the other viewer");
  assertEquals(newest, 299);
  for (let number = 0; number < 300; number++) assertEquals(await recorder.next(), number);
  assertEquals(lost, []);
  await sender[Symbol.asyncDispose]();
});

Deno.test("send() loses the oldest frames beyond the bound, and says how many", async () => {
  const { sender, lost } = await startSending();
  using recorder = await Recorder.start(sender);
  await publish(sender, 0, 1000); // 100 MB
  await until(() => lost.length > 0, "what is told of the loss");
  const numbers: number[] = [];
  for (let last = -1; last < 999;) numbers.push(last = await recorder.next());
  const gaps = numbers.map((number, index) => number - (numbers[index - 1] ?? -1) - 1);
  assertEquals(gaps.filter((gap) => gap > 0).length, 1, "one loss in a row");
  const missing = 1000 - numbers.length;
  assert(missing > 100, `${missing} frames were lost`);
  assertEquals(sender.hub.totals.droppedFrames, missing);
  await sender[Symbol.asyncDispose]();
  assertEquals(lost.reduce((sum, frames) => sum + frames, 0), missing);
});

for (const key of [undefined, Key.random()]) {
  const how = key === undefined ? "open" : "encrypted";
  Deno.test(`receive() gives every frame of a finite stream to a slow caller, ${how}`, async () => {
    const { sender, lost } = await startSending(key);
    const numbers: number[] = [];
    const allPublished = Promise.withResolvers<void>();
    let [dropped, published] = [0, 0];
    const receiving = (async () => {
      const frames = receive(sender.address, { key, allFrames: true, once: true });
      for await (const received of frames) {
        dropped += received.dropped;
        numbers.push(received.frame.seq);
        assertEquals(received.frame.jpeg.length, picture(received.frame.seq).length);
        await allPublished.promise;
      }
    })();
    const ended = assertRejects(() => receiving, CamcatError, "the sender was stopped");
    await until(() => sender.hub.viewers === 1, "the viewer");
    await publish(sender, 0, published = 300);
    assertEquals(numbers, [0], "the caller is busy with the first");
    allPublished.resolve();
    await sender[Symbol.asyncDispose]();
    await ended;
    assertEquals(numbers, Array.from({ length: published }, (_, number) => number));
    assertEquals([dropped, sender.hub.totals.droppedFrames, lost], [0, 0, []]);
  });
}

/** A file of as many pictures, each of which shows its number. */
async function numberedFile(folder: Folder, count: number): Promise<string> {
  const file = `${folder.path}/numbered.avi`;
  await numberedClip(file, 60, count);
  return file;
}

programTest("receiver --all-frames gets a file from its first frame to its last", async () => {
  await using folder = new Folder();
  const count = 300;
  await using sender = startSender([await numberedFile(folder, count), "--on-demand"]);
  const port = await sender.port();
  await using receiver = startReceiver([`127.0.0.1:${port}`, "--no-display", "--all-frames"]);
  const { frames, dropped } = await receiver.event(({ event, frames }) =>
    event === "stats" && frames >= count
  );
  assertEquals([frames, dropped], [count, 0]);
  const last = await receiver.event(({ state }) => state === "lost");
  assertEquals(last.reason, "The sender says: the source has ended");
  assertEquals((await sender.status()).code, 0);
});

programTest("sender gives every frame of a file bit by bit, also to a slow receiver", async () => {
  await using folder = new Folder();
  const count = 300;
  const file = await numberedFile(folder, count);
  const stream = await ffmpeg(["-i", file, "-c", "copy", "-f", "mjpeg", "pipe:1"]);
  const original = new JpegSplitter().push(stream).map(({ jpeg }) => jpeg);
  await using sender = startSender([file, "--on-demand"]);
  const address = { hostname: "127.0.0.1", port: await sender.port() };
  const jpegs: Uint8Array[] = [];
  const receiving = (async () => {
    for await (
      const { frame, dropped } of receive(address, { key: TEST_KEY, allFrames: true, once: true })
    ) {
      assertEquals(dropped, 0);
      jpegs.push(frame.jpeg.slice());
      // All but the first wait at the sender, which gives them time at the end.
      if (jpegs.length === 1) await sender.event(({ state }) => state === "ended");
    }
  })();
  await assertRejects(() => receiving, CamcatError, "the source has ended");
  assertEquals(jpegs.map((jpeg) => jpeg.join()), original.map((jpeg) => jpeg.join()));
  assertEquals(await readNumbers(jpegs), Array.from({ length: count }, (_, number) => number));
  assertEquals((await sender.status()).code, 0);
  assertEquals(sender.events.filter(({ state }) => state === "behind"), []);
});

programTest("sender says what a stopped receiver with --all-frames has lost", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/large.mjpeg`;
  // Of 2 MB each, passed on as they are: also a busy machine has more than 64 MB of them before a
  // receiver that says nothing is given up.
  const jpegs = await ffmpegJpegs("1920x1080", 5, ["-vf", "noise=alls=60", "-q:v", "2"]);
  await Deno.writeFile(file, new Blob(jpegs as BlobPart[]).stream());
  await using sender = startSender([file, "--loop"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = startReceiver([address, "--no-display", "--all-frames"]);
  await receiver.event(({ event, frames }) => event === "stats" && frames > 0);
  receiver.signal("SIGSTOP");
  const behind = await sender.event(({ state }) => state === "behind");
  assert(behind.lost > 0);
  receiver.signal("SIGCONT");
  await receiver.event(({ event, dropped }) => event === "stats" && dropped >= behind.lost);
});
