// The compiled receiver, with all cameras of a sender in one window.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodeControl, MessageReader } from "../../lib/protocol/codec.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { Display, isNoSignal, type Picture, readScreen } from "../support/display.ts";
import { ffmpeg, numberedPictures } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import { type Program, programTest, startReceiver, startSender } from "../support/programs.ts";
import { timesIn } from "../support/recordings.ts";

/** A sender of two cameras: one is red, the other shows numbers. */
async function startTwo(folder: string, listen = "127.0.0.1:0"): Promise<Program> {
  const sources = { red: "color=red:size=320x180:rate=30", numbers: numberedPictures(30) };
  const files = [];
  for (const [name, source] of Object.entries(sources)) {
    const file = `${folder}/${name}.avi`;
    const encoding = ["-frames:v", "300", "-c:v", "mjpeg", "-q:v", "2"];
    await ffmpeg(["-f", "lavfi", "-i", source, ...encoding, file]);
    files.push(file);
  }
  return startSender([...files, "--loop", "--name=red,numbers", `--listen=${listen}`]);
}

/** The two cameras, and a receiver that shows them in a window. */
async function startShow(player: "ffplay" | "mpv") {
  const stack = new AsyncDisposableStack();
  const display = stack.use(await Display.open());
  const folder = stack.use(new Folder());
  const sender = stack.use(await startTwo(folder.path));
  const address = `127.0.0.1:${await sender.port()}`;
  const args = [address, "--camera=all", `--player=${player}`];
  const receiver = stack.use(startReceiver(args, { env: display.env }));
  const window = await display.windowOf(player);
  const dispose = () => stack.disposeAsync();
  return { display, folder, sender, address, receiver, window, [Symbol.asyncDispose]: dispose };
}

/** One of two tiles, side by side. */
function half({ width, height, gray }: Picture, index: 0 | 1): Picture {
  const [from, to] = [Math.floor(index * width / 2), Math.floor((index + 1) * width / 2)];
  const rows = Array.from(
    { length: height },
    (_, y) => [...gray.subarray(y * width + from, y * width + to)],
  );
  return { width: to - from, height, gray: Uint8Array.from(rows.flat()) };
}

/** Waits until the right tile shows another picture than number `other`, and the left one is red. */
async function nextNumber(display: Display, window: string, other: number): Promise<number> {
  let number = other;
  await until(async () => {
    const screen = readScreen(half(await display.look(window), 1));
    number = screen.number;
    return number !== other && number > 0 && screen.darkest < 20 && screen.brightest > 235;
  }, `another picture than ${other}`);
  await until(async () => {
    const [red, green, blue] = await display.color(window, 0.25, 0.5);
    return red > 200 && green < 50 && blue < 50;
  }, "red at the left");
  return number;
}

for (const player of ["ffplay", "mpv"] as const) {
  programTest(
    `receiver --camera all shows every camera in ${player}, NO SIGNAL while the sender is gone, and ends with the window`,
    async () => {
      await using show = await startShow(player);
      const { display, folder, sender, address, receiver, window } = show;
      await nextNumber(display, window, await nextNumber(display, window, 0));
      const title = `red, numbers (${address})`;
      await until(async () => await display.title(window) === title, "the title");
      const before = await display.look(window);

      sender.signal("SIGKILL");
      await until(async () => {
        const picture = await display.look(window);
        return isNoSignal(half(picture, 0)) && isNoSignal(half(picture, 1));
      }, "NO SIGNAL in both tiles");
      await until(
        async () => (await display.title(window)).endsWith("NOT LIVE: red, numbers"),
        "a title that says so",
      );
      const { width, height } = await display.look(window);
      assertEquals([width, height], [before.width, before.height]);

      await using again = await startTwo(folder.path, address);
      await again.port();
      await until(
        async () => (await display.color(window, 0.25, 0.5))[0] > 200,
        "the left tile to be red again",
      );
      await nextNumber(display, window, await nextNumber(display, window, 0));
      await until(async () => await display.title(window) === title, "the old title");
      await receiver.event(({ event, camera, fps }) =>
        event === "stats" && camera === "numbers" && fps > 0
      );

      const children = await childrenOf(receiver.pid);
      const programs = [...children.values()].filter((name) => name !== "xprop").sort();
      assertEquals(programs, ["ffmpeg", "ffmpeg", player].sort());
      await display.press(window, "q");
      assertEquals((await receiver.status()).code, 0);
      await until(() => ![...children.keys()].some(isRunning), "the end of all children");
    },
  );
}

for (const player of ["ffplay", "mpv"] as const) {
  programTest(
    `receiver --camera all ends when ${player} is closed, although nothing new comes`,
    async () => {
      // After 10 s of silence something new comes: where a busy machine took as long, once more.
      for (let isLost = true; isLost;) {
        await using show = await startShow(player);
        const { display, sender, receiver, window } = show;
        await nextNumber(display, window, 0);
        sender.signal("SIGSTOP");
        const from = receiver.events.length;
        // Both cameras have given their last frame.
        const isStill = new Set<string>();
        await receiver.event(({ event, camera, fps }) => {
          if (event === "stats" && fps === 0) isStill.add(camera);
          return isStill.size === 2;
        }, from);
        await display.press(window, "q");
        assertEquals((await receiver.status()).code, 0);
        isLost = receiver.events.some(({ state }) => state === "lost");
      }
    },
  );
}

programTest("receiver --camera all leaves nothing behind, however it ends", async () => {
  await using display = await Display.open();
  await using folder = new Folder();
  await using sender = await startTwo(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    await using receiver = startReceiver([`${address}`, "-c", "all"], { env: display.env });
    await display.windowOf("ffplay");
    let children: number[] = [];
    await until(async () => {
      children = [...(await childrenOf(receiver.pid)).keys()];
      return children.length >= 3;
    }, "a player and two decoders");
    receiver.signal(signal);
    const { code } = await receiver.status();
    if (signal !== "SIGKILL") assertEquals(code, 0);
    await until(() => !children.some(isRunning), `the end of all children after ${signal}`);
  }
});

programTest(
  "receiver --camera all starts a decoder that ended again, and ends with a stuck player",
  async () => {
    await using show = await startShow("ffplay");
    const { display, receiver, window } = show;
    await nextNumber(display, window, 0);
    const children = await childrenOf(receiver.pid);
    for (const [pid, name] of children) if (name === "ffmpeg") Deno.kill(pid, "SIGKILL");
    await until(async () => {
      const now = await childrenOf(receiver.pid);
      return [...now].filter(([pid, name]) => name === "ffmpeg" && !children.has(pid)).length === 2;
    }, "new decoders");
    await nextNumber(display, window, await nextNumber(display, window, 0));
    const [ffplay] = [...children].find(([, name]) => name === "ffplay")!;
    Deno.kill(ffplay, "SIGSTOP");
    assertEquals(await receiver.stop(), 0);
    await until(() => !isRunning(ffplay), "the end of ffplay");
  },
);

programTest("receiver --camera all with one camera is as without", async () => {
  await using display = await Display.open();
  await using sender = startSender(["test", "--size=320x240", "--name=Only"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using receiver = startReceiver([address, "--camera=all"], { env: display.env });
  const window = await display.windowOf("ffplay");
  await until(async () => {
    const { width, height } = await display.look(window);
    return width === 320 && height === 240;
  }, "the size of the picture");
  await until(async () => await display.title(window) === `Only (${address})`, "its title");
  assertEquals([...(await childrenOf(receiver.pid)).values()].includes("ffmpeg"), false);
});

programTest(
  "receiver --camera all is refused where there is no window, or no sender yet",
  async () => {
    const cases: [args: string[], message: RegExp][] = [
      [["127.0.0.1", "--camera=all", "--no-display"], /^Cannot show all cameras without a window/],
      [["127.0.0.1//all", "--no-display"], /^Cannot show all cameras without a window/],
      [["127.0.0.1//all", "--snapshot=x.jpg"], /^Cannot use --snapshot x.jpg with all cameras/],
      [
        ["--listen=127.0.0.1:0", "--camera=all"],
        /^Cannot receive all cameras with --listen: no sender has connected yet/,
      ],
    ];
    for (const [args, message] of cases) {
      await using receiver = startReceiver(args);
      assertEquals((await receiver.status()).code, 2);
      assertMatch(receiver.events[0].message, message);
    }
  },
);

programTest(
  "receiver --camera all writes a picture of each camera into a folder of its own",
  async () => {
    await using folder = new Folder();
    const names = ["red", "../up"];
    await using sender = startSender(["test", "test", `--name=${names}`]);
    const address = `127.0.0.1:${await sender.port()}`;
    const pictures = `${folder.path}/pictures/`;
    await using receiver = startReceiver([address, "--camera=all", `--snapshot=${pictures}`]);
    assertEquals((await receiver.status()).code, 0);
    const folders = [...Deno.readDirSync(pictures)].map(({ name }) => name).sort();
    assertEquals(folders, ["%2e.%2fup", "red"]);
    for (const name of folders) {
      const files = [...Deno.readDirSync(pictures + name)].map(({ name }) => name);
      assertMatch(files.join(), /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.jpg$/);
    }
  },
);

programTest("receiver --camera all records every camera while it shows them", async () => {
  await using display = await Display.open();
  await using folder = new Folder();
  await using sender = await startTwo(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  const args = ["--camera=all", "--display=window", `--record=${folder.path}/all/`];
  await using receiver = startReceiver([address, ...args], { env: display.env });
  const window = await display.windowOf("ffplay");
  await nextNumber(display, window, await nextNumber(display, window, -1));
  for (const camera of ["red", "numbers"]) {
    await receiver.event((event) =>
      event.event === "stats" && event.camera === camera && event.recorded_frames > 30
    );
    assert([...Deno.readDirSync(`${folder.path}/all/${camera}`)].length === 1);
  }
  assertEquals(await receiver.stop(), 0);
  for (const { file, frames } of receiver.events.filter(({ state }) => state === "ended")) {
    assertEquals((await timesIn(file)).length, frames);
  }
});

/** A sender that names many cameras, and sends `jpeg` for each of them. */
function startHostile(cameras: string[], jpeg: Uint8Array): Disposable & { port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const serve = async (connection: Deno.Conn) => {
    connections.add(connection);
    const reader = new MessageReader({ maxFrameBytes: 1e6 });
    const [first] = reader.commit((await connection.read(reader.space())) ?? 0);
    const isList = first !== undefined && !(first instanceof Frame) && first.type === "list";
    const stream = { type: "stream", version: 1, name: "x", live: true, reason: "" } as const;
    await connection.write(encodeControl(isList ? { type: "cameras", cameras } : stream));
    if (!isList) await connection.write(Frame.from(jpeg, { time: 0 }).withHeader(lengthOf(jpeg)));
  };
  (async () => {
    for await (const connection of listener) serve(connection).catch(() => {});
  })();
  return {
    port: listener.addr.port,
    [Symbol.dispose]() {
      listener.close();
      for (const connection of connections) connection.close();
    },
  };
}

function lengthOf(jpeg: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, jpeg.length);
  return bytes;
}

programTest(
  "receiver --camera all receives at most 16 cameras, whatever they are called",
  async () => {
    await using folder = new Folder();
    const [jpeg] = await ffmpegJpegs("64x48", 1);
    const names = ["\u{20000}".repeat(60), "\u{1f600}".repeat(60), "../x", "", "con", "con"];
    const cameras = Array.from({ length: 120 }, (_, index) => names[index] ?? `camera ${index}`);
    using sender = startHostile(cameras, jpeg);
    const path = `${folder.path}/all/`;
    const args = ["--open", "--camera=all", "--motion", `--record=${path}`];
    await using receiver = startReceiver([`127.0.0.1:${sender.port}`, ...args]);
    const leftOut = await receiver.event(({ event }) => event === "cameras-left-out");
    assertEquals([leftOut.cameras, leftOut.received], [120, 16]);
    const seen = new Set<string>();
    await receiver.event(({ event, camera, frames }) => {
      if (event === "stats" && frames > 0) seen.add(camera);
      return seen.size === new Set(cameras.slice(0, 16)).size;
    });
    const children = await childrenOf(receiver.pid);
    assert(children.size <= 16, `${children.size} child processes`);
    assertEquals([...Deno.readDirSync(path)].length, 16);
    assertEquals(await receiver.stop(), 0);
  },
);
