// The compiled sender, with real ffmpeg and real sockets.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { receive } from "../../lib/receive/receive.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { ffmpegJpegs, withoutHuffmanTables } from "../support/jpegs.ts";
import { ffmpeg, numberedClip, readNumbers } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import {
  Program,
  programTest,
  SENDER,
  startReceiver,
  startSender,
  TEST_KEY,
} from "../support/programs.ts";

/** Copies of the next `count` frames of a sender. */
async function collect(port: number, count: number): Promise<{ jpeg: Uint8Array; seq: number }[]> {
  const frames = [];
  for await (const { frame } of receive({ hostname: "127.0.0.1", port }, { key: TEST_KEY })) {
    frames.push({ jpeg: frame.jpeg.slice(), seq: frame.seq });
    if (frames.length === count) break;
  }
  return frames;
}

/** Waits until a receiver has got a few more frames than it had at its next figures. */
async function goesOn(receiver: Program, from = 0): Promise<void> {
  const { frames: before } = await receiver.event(({ event }) => event === "stats", from);
  await receiver.event(({ event, frames }) => event === "stats" && frames > before + 10, from);
}

function isIncreasing(numbers: number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > numbers[index - 1]);
}

programTest("sender passes the frames of an MJPEG file through bit by bit, in order", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/numbered.avi`;
  await numberedClip(file, 60, 600);
  const stream = await ffmpeg(["-i", file, "-c", "copy", "-f", "mjpeg", "pipe:1"]);
  const original = new JpegSplitter().push(stream).map(({ jpeg }) => jpeg.join());
  assertEquals(original.length, 600);

  await using sender = startSender([file, "--on-demand"]);
  const frames = await collect(await sender.port(), 60);
  const numbers = await readNumbers(frames.map(({ jpeg }) => jpeg));
  assert(isIncreasing(numbers), numbers.join());
  frames.forEach(({ jpeg }, index) => assertEquals(jpeg.join(), original[numbers[index]]));
  assert(isIncreasing(frames.map(({ seq }) => seq)));
});

programTest(
  "sender ends with status 0 when a file has ended, and loops it with --loop",
  async () => {
    await using folder = new Folder();
    const file = `${folder.path}/short.mp4`;
    await ffmpeg(["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=0.5", file]);
    await using once = startSender([file]);
    await once.event(({ state }) => state === "ended");
    assertEquals((await once.status()).code, 0);

    await using again = startSender([file, "--loop"]);
    const frames = await collect(await again.port(), 40);
    assertEquals(sizeOf(frames[39].jpeg), { width: 320, height: 240 });
  },
);

programTest("sender encodes other video, at the size, rate and quality asked for", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/numbered.mp4`;
  await numberedClip(file, 30, 300, ["-qp", "10"]);
  await using sender = startSender([file, "--size=x32", "--quality=60", "--on-demand"]);
  const frames = await collect(await sender.port(), 15);
  assertEquals(sizeOf(frames[0].jpeg), { width: 96, height: 32 });
  const numbers = await readNumbers(frames.map(({ jpeg }) => jpeg));
  assert(isIncreasing(numbers), numbers.join());
});

programTest("sender turns and cuts the picture, also that of JPEGs", async () => {
  await using folder = new Folder();
  const file = `${folder.path}/jpegs.avi`;
  await ffmpeg(["-f", "lavfi", "-i", "testsrc2=size=64x48:duration=9", "-c:v", "mjpeg", file]);
  await using sender = startSender([file, "--crop=32x16+0+0", "--rotate=90", "--on-demand"]);
  const [cut] = await collect(await sender.port(), 1);
  assertEquals(sizeOf(cut.jpeg), { width: 16, height: 32 });

  await using test = startSender(["test", "--rotate=90", "--overlay", "--name=a':%{pts}\\,b"]);
  const [turned] = await collect(await test.port(), 1);
  assertEquals(sizeOf(turned.jpeg), { width: 720, height: 1280 });
  await using large = startSender(["test", "--crop=5000x16+0+0"]);
  assertEquals((await large.status()).code, 1);
  assertMatch(large.events.at(-1)?.message, /^Cannot crop test: the picture is smaller/);
});

programTest("sender takes JPEGs from standard input, with thumbnails and all", async () => {
  const stream = await ffmpeg([
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=64x48",
    "-frames:v",
    "3",
    "-f",
    "mjpeg",
    "pipe:1",
  ]);
  const frames = new JpegSplitter().push(stream).map(({ jpeg }) => jpeg);
  await using sender = startSender(["-"], { stdin: "piped" });
  const port = await sender.port();
  const writer = sender.stdin.getWriter();
  await writer.write(frames[0]);
  const received = [];
  for await (const { frame } of receive({ hostname: "127.0.0.1", port }, { key: TEST_KEY })) {
    received.push(frame.jpeg.slice());
    if (received.length === 3) break;
    await writer.write(frames[received.length]);
  }
  await writer.close();
  assertEquals(received, frames.map((frame) => frame.slice()));
  assertEquals((await sender.status()).code, 0);
});

programTest("sender leaves broken frames out, counts them, and adds Huffman tables", async () => {
  const [whole] = await ffmpegJpegs("64x48", 1, ["-huffman", "default"]);
  const bare = withoutHuffmanTables(whole);
  await using sender = startSender(["-"], { stdin: "piped" });
  const port = await sender.port();
  const writer = sender.stdin.getWriter();
  for (const part of [whole, whole.subarray(0, 700), bare]) await writer.write(part);
  await sender.event(({ event, frames, broken }) =>
    event === "stats" && frames === 2 && broken === 1
  );
  const [{ jpeg }] = await collect(port, 1);
  assertEquals(jpeg.length, whole.length);
  await writer.close();
  assertEquals((await sender.status()).code, 0);
});

programTest(
  "sender starts a capture that died again, keeps its viewers and tells them",
  async () => {
    await using sender = startSender(["test", "--size=320x240"]);
    await using receiver = startReceiver([`127.0.0.1:${await sender.port()}`, "--no-display"]);
    await receiver.event(({ event, frames }) => event === "stats" && frames > 10);
    const [[pid, name]] = await childrenOf(sender.pid);
    assertEquals(name, "ffmpeg");
    Deno.kill(pid, "SIGKILL");
    const lost = await receiver.event(({ state, live }) => state === "stream" && live === false);
    assertMatch(lost.reason, /^Cannot capture test: ffmpeg ended/);
    const since = receiver.events.indexOf(lost);
    const back = await receiver.event(
      ({ state, live }) => state === "stream" && live === true,
      since,
    );
    await goesOn(receiver, receiver.events.indexOf(back));
    assertEquals(sender.events.filter(({ state }) => state === "left"), []);
  },
);

programTest(
  "sender leaves no child behind, when it is asked to end and when it is killed",
  async () => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      await using sender = startSender(["test", "--size=320x240"]);
      await sender.event(({ event, state }) => event === "capture" && state === "live");
      const children = [...(await childrenOf(sender.pid)).keys()];
      assertEquals(children.length, 1);
      sender.signal(signal);
      const { code } = await sender.status();
      if (signal !== "SIGKILL") assertEquals(code, 0);
      await until(() => !children.some(isRunning), `the end of ffmpeg after ${signal}`);
    }
  },
);

programTest(
  "sender goes on after the terminal it was started from is closed, by nohup",
  async () => {
    await using sender = new Program("nohup", [
      ...[SENDER, "--json", "--listen=127.0.0.1:0", "test", "--size=320x240"],
    ]);
    const isStats = ({ event }: { event: string }) => event === "stats";
    await sender.event(isStats);
    sender.signal("SIGHUP");
    for (let more = 0; more < 2; more++) await sender.event(isStats, sender.events.length);
    sender.signal("SIGTERM");
    assertEquals((await sender.status()).code, 0);
  },
);

programTest("sender that was stopped for a while does not take its camera for silent", async () => {
  await using sender = startSender(["test", "--size=320x240", "--silence=3"]);
  await using clock = startSender(["test", "--size=64x48"]);
  const isLive = ({ event, frames }: { event: string; frames?: number }) =>
    event === "stats" && frames! > 10;
  await sender.event(isLive);
  await clock.event(isLive);
  sender.signal("SIGSTOP");
  // Figures come once a second: longer than the source may be silent.
  for (let more = 0; more < 5; more++) await clock.event(isLive, clock.events.length);
  sender.signal("SIGCONT");
  const from = sender.events.length;
  await sender.event(({ event, fps }) => event === "stats" && fps > 10, from);
  await sender.event(({ event, fps }) => event === "stats" && fps > 10, sender.events.length);
  assertEquals(sender.events.filter(({ state }) => state === "lost"), []);
});

programTest("sender takes two signals at once for one, as `timeout` sends them", async () => {
  await using sender = startSender(["test", "--size=320x240"]);
  await sender.event(({ event, state }) => event === "capture" && state === "live");
  sender.signal("SIGTERM");
  sender.signal("SIGINT");
  assertEquals((await sender.status()).code, 0);
});

programTest("sender --on-demand captures only while somebody watches", async () => {
  await using sender = startSender(["test", "--on-demand", "--size=320x240"]);
  const port = await sender.port();
  await sender.event(({ state }) => state === "idle");
  assertEquals((await childrenOf(sender.pid)).size, 0);
  await collect(port, 3);
  assertEquals([...(await childrenOf(sender.pid)).values()], ["ffmpeg"]);
  await sender.event(
    ({ event, state }) => event === "capture" && state === "idle",
    sender.events.findIndex(({ state }) => state === "live"),
  );
  assertEquals((await childrenOf(sender.pid)).size, 0);
  await collect(port, 3);
});

programTest(
  "sender --push finds a receiver that listens, before and after it comes back",
  async () => {
    await using first = startReceiver(["--listen=127.0.0.1:0", "--no-display"]);
    const port = await first.port();
    await using sender = startSender(["test", "--size=320x240", `--push=127.0.0.1:${port}`]);
    await goesOn(first);
    first.signal("SIGKILL");
    await first.status();
    await sender.event(({ state }) => state === "left");
    await using second = startReceiver([`--listen=127.0.0.1:${port}`, "--no-display"]);
    await goesOn(second);
  },
);

programTest(
  "sender refuses one viewer too many, politely, and takes the next when there is room",
  async () => {
    await using sender = startSender(["test", "--size=320x240", "--max-viewers=1"]);
    const address = `127.0.0.1:${await sender.port()}`;
    await using first = startReceiver([address, "--no-display"]);
    await first.event(({ state }) => state === "stream");
    await using second = startReceiver([address, "--no-display", "--once"]);
    assertEquals((await second.status()).code, 1);
    const error = second.events.find(({ event }) => event === "error");
    assertMatch(error?.message, /no room for another viewer: 1 are watching/);
    await first.stop();
    await using third = startReceiver([address, "--no-display"]);
    await goesOn(third);
  },
);

programTest("sender, open, serves a client of ten lines in another language", async () => {
  await using sender = startSender(["test", "--size=320x240", "--open"]);
  const client = new URL("../../examples/client.py", import.meta.url).pathname;
  const { stdout, code } = await new Deno.Command("python3", {
    args: [client, "127.0.0.1", `${await sender.port()}`, "20"],
  }).output();
  assertEquals(code, 0);
  const frames = new JpegSplitter().push(stdout);
  assertEquals(frames.length, 20);
  frames.forEach(({ jpeg }) => assertEquals(sizeOf(jpeg), { width: 320, height: 240 }));
});

programTest(
  "sender goes on for the others while a viewer is stopped, and for it when it goes on",
  async () => {
    await using sender = startSender(["test", "--size=320x240"]);
    const address = `127.0.0.1:${await sender.port()}`;
    await using stalled = startReceiver([address, "--no-display"]);
    await using other = startReceiver([address, "--no-display"]);
    await goesOn(stalled);
    stalled.signal("SIGSTOP");
    // With the other one stopped, in three seconds' worth of figures.
    for (let times = 0; times < 3; times++) await goesOn(other, other.events.length);
    stalled.signal("SIGCONT");
    await goesOn(stalled, stalled.events.length);
    assertEquals(sender.events.filter(({ state }) => state === "left"), []);
  },
);

programTest(
  "sender tells an unknown option, and a failure the user can mend, in a sentence",
  async () => {
    const cases: [string[], number, RegExp][] = [
      [["--sise=1x1"], 2, /^sender: Unknown option --sise: did you mean --size\?\n$/],
      [["nofile.mp4"], 1, /Cannot find "nofile.mp4": no file and no camera has that name/],
      [["./nofile.mp4"], 1, /Cannot open nofile.mp4: there is no such file/],
      [["/dev/video250"], 1, /Cannot open \/dev\/video250: there is no such camera/],
      [["250"], 1, /Cannot find camera 250: /],
      [["test", "--copy"], 2, /Cannot pass the pictures of test on untouched/],
      [["--copy", "--encode"], 2, /Cannot use --copy with --encode: they are opposites/],
      [["--copy", "--quality=5"], 2, /Cannot use --copy with --quality/],
      [["test", "--linger=1"], 2, /Cannot use --linger without --on-demand/],
      [["test", "--controls"], 2, /Cannot use --controls: it applies to cameras only/],
      [["test", "--set=a=1"], 2, /Cannot use --set: it applies to cameras only/],
      [["test", "--set=a"], 2, /Cannot use this --set: it must be like brightness=120/],
      [["test", "--list"], 2, /Cannot use --list with a SOURCE/],
      [["/dev/null"], 1, /Cannot use \/dev\/null: it gives no pictures/],
      [["rtsp://127.0.0.1:1/"], 1, /nothing listens on that port/],
    ];
    for (const [args, code, words] of cases) {
      await using sender = startSender(args);
      assertEquals((await sender.status()).code, code);
      const said = sender.stderr +
        (sender.events.find(({ event }) => event === "error")?.message ?? "");
      assertMatch(said, words);
      assert(!/\bat .*\.ts:\d+/.test(said), said);
    }
    await using blind = startSender(["test"], { env: { PATH: "/nowhere" } });
    assertEquals((await blind.status()).code, 1);
    const error = blind.events.find(({ event }) => event === "error");
    assertMatch(
      error?.message,
      /^Cannot start ffmpeg: it is not installed: no folder in PATH has it \(\/nowhere\). Install/,
    );
  },
);

programTest("sender --preview without a display says how to do without", async () => {
  const env = { DISPLAY: "", WAYLAND_DISPLAY: "", SDL_VIDEODRIVER: "" };
  await using sender = startSender(["test", "--preview"], { env });
  assertEquals((await sender.status()).code, 1);
  assertMatch(
    sender.events.at(-1)?.message,
    /^Cannot open a window: there is no display.*sender without --preview/,
  );
});

programTest("sender says which port is taken", async () => {
  await using first = startSender(["test"]);
  const port = await first.port();
  await using second = startSender(["test", `--listen=127.0.0.1:${port}`]);
  assertEquals((await second.status()).code, 1);
  assertMatch(
    second.events[0].message,
    new RegExp(`Cannot listen at port ${port}: another program uses it`),
  );
});

programTest("sender serves several cameras, of which receivers list and choose", async () => {
  const small = ["--size=320x240", "--name=door,yard"];
  await using sender = startSender(["test", "test", ...small, "--on-demand"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using list = startReceiver([address, "--cameras"]);
  assertEquals(await list.event(({ event }) => event === "cameras"), {
    event: "cameras",
    cameras: ["door", "yard"],
  });
  assertEquals((await list.status()).code, 0);
  await using yard = startReceiver([address, "--camera=yard", "--no-display"]);
  await yard.event(({ event, name }) => event === "connection" && name === "yard");
  await goesOn(yard);
  // Only the camera that is watched was started.
  const captures = sender.events.filter(({ event }) => event === "capture");
  assertEquals(
    captures.map(({ source, state }) => `${source} ${state}`).sort(),
    ["door idle", "yard idle", "yard live", "yard starting"],
  );
  await using attic = startReceiver([`${address}//attic`, "--no-display", "--once"]);
  assertEquals((await attic.status()).code, 1);
  assertMatch(attic.events.at(-1)?.message, /no camera "attic" here, but "door", "yard"/);
});
