// The compiled receiver, with real players in real windows.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Display, isNoSignal, readScreen } from "../support/display.ts";
import { ffmpegJpegs } from "../support/jpegs.ts";
import { numberedClip } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import { type Program, programTest, startReceiver, startSender } from "../support/programs.ts";

/** A sender of numbered pictures, slow enough that one can be told from the next. */
async function startNumbered(folder: string, listen = "127.0.0.1:0"): Promise<Program> {
  const file = `${folder}/numbered.avi`;
  await numberedClip(file, 30, 900);
  return startSender([file, "--loop", "--name=Numbers", `--listen=${listen}`]);
}

/** Runs a test with a screen and a folder. */
function withDisplay(
  action: (display: Display, folder: string) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using display = await Display.open();
    await using folder = new Folder();
    await action(display, folder.path);
  };
}

/** Waits until a window shows a picture other than number `other`, at full contrast. */
async function nextNumber(display: Display, window: string, other: number): Promise<number> {
  let number = other;
  await until(async () => {
    const screen = readScreen(await display.look(window));
    number = screen.number;
    return number !== other && number > 0 && screen.darkest < 20 && screen.brightest > 235;
  }, `another picture than ${other}`);
  return number;
}

for (const player of ["ffplay", "mpv"]) {
  programTest(
    `receiver shows the picture in ${player}, keeps the window while the sender is gone, and ends with it`,
    withDisplay(async (display, folder) => {
      await using sender = await startNumbered(folder);
      const port = await sender.port();
      const address = `127.0.0.1:${port}`;
      await using receiver = startReceiver([address, `--player=${player}`], { env: display.env });
      const window = await display.windowOf(player);
      await nextNumber(display, window, await nextNumber(display, window, 0));
      await until(
        async () => await display.title(window) === `Numbers (${address})`,
        "the title",
      );
      const before = await display.look(window);
      const size = [before.width, before.height];

      sender.signal("SIGKILL");
      await until(
        async () => (await display.title(window)).includes("NOT LIVE"),
        "a title that says so",
      );
      await until(async () => isNoSignal(await display.look(window)), "NO SIGNAL");
      const { width, height } = await display.look(window);
      assertEquals([width, height], size, "the window stays as large as it was");

      await using again = await startNumbered(folder, address);
      await again.port();
      await nextNumber(display, window, await nextNumber(display, window, 0));
      await until(
        async () => await display.title(window) === `Numbers (${address})`,
        "the old title",
      );

      await display.press(window, "q");
      assertEquals((await receiver.status()).code, 0);
    }),
  );
}

programTest(
  "receiver shows NO SIGNAL within seconds when the sender freezes, and the picture when it goes on",
  withDisplay(async (display, folder) => {
    await using sender = await startNumbered(folder);
    const address = `127.0.0.1:${await sender.port()}`;
    await using receiver = startReceiver([address], { env: display.env });
    const window = await display.windowOf("ffplay");
    await nextNumber(display, window, await nextNumber(display, window, 0));
    const from = receiver.events.length;
    sender.signal("SIGSTOP");
    await receiver.event(({ state }) => state === "silent", from);
    await until(async () => isNoSignal(await display.look(window)), "NO SIGNAL");
    await receiver.event(({ event, state }) => event === "stats" && state === "not live", from);
    sender.signal("SIGCONT");
    await receiver.event(({ state }) => state === "heard", from);
    await nextNumber(display, window, await nextNumber(display, window, 0));
    const states = receiver.events.slice(from).filter(({ event }) => event === "connection")
      .map(({ state }) => state);
    assertEquals(states, ["silent", "heard"], "the connection was not lost");
    assertEquals(await receiver.stop(), 0);
  }),
);

programTest(
  "receiver leaves no player behind, when it is asked to end and when it is killed",
  withDisplay(async (display, folder) => {
    await using sender = await startNumbered(folder);
    const address = `127.0.0.1:${await sender.port()}`;
    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      await using receiver = startReceiver([address], { env: display.env });
      await display.windowOf("ffplay");
      const children = [...(await childrenOf(receiver.pid)).keys()];
      assert(children.length > 0);
      receiver.signal(signal);
      const { code } = await receiver.status();
      if (signal !== "SIGKILL") assertEquals(code, 0);
      await until(() => !children.some(isRunning), `the end of ffplay after ${signal}`);
    }
  }),
);

programTest(
  "receiver ends when it is asked to, although its player is stuck",
  withDisplay(async (display, folder) => {
    await using sender = await startNumbered(folder);
    const address = `127.0.0.1:${await sender.port()}`;
    await using receiver = startReceiver([address], { env: display.env });
    await display.windowOf("ffplay");
    const [ffplay] = [...await childrenOf(receiver.pid)].find(([, name]) => name === "ffplay")!;
    Deno.kill(ffplay, "SIGSTOP");
    // Nothing is shown any more, so that nothing is sent either.
    await receiver.event(({ event, fps }) => event === "stats" && fps === 0);
    assertEquals(await receiver.stop(), 0);
    await until(() => !isRunning(ffplay), "the end of ffplay");
  }),
);

for (const player of ["ffplay", "mpv"]) {
  programTest(
    `receiver ends when ${player} is closed, although nothing new comes`,
    withDisplay(async (display) => {
      const [jpeg] = await ffmpegJpegs("320x240", 1);
      await using sender = startSender(["-"], { stdin: "piped" });
      const address = `127.0.0.1:${await sender.port()}`;
      const writer = sender.stdin.getWriter();
      await writer.write(jpeg);
      await using receiver = startReceiver([address, `--player=${player}`], { env: display.env });
      await display.press(await display.windowOf(player), "q");
      assertEquals((await receiver.status()).code, 0);
      await writer.close();
    }),
  );
}

for (const player of ["ffplay", "mpv"]) {
  programTest(
    `receiver says so when ${player} is killed or finds no display, and has ended the recording`,
    withDisplay(async (display, folder) => {
      await using sender = startSender(["test", "--size=320x240"]);
      const address = `127.0.0.1:${await sender.port()}`;
      const args = [address, `--player=${player}`];
      const record = `--record=${folder}/x.mkv`;
      await using killed = startReceiver([...args, record], { env: display.env });
      await killed.event(({ event, state }) => event === "recording" && state === "started");
      await display.windowOf(player);
      const [pid] = [...await childrenOf(killed.pid)].find(([, name]) => name === player)!;
      Deno.kill(pid, "SIGKILL");
      assertEquals((await killed.status()).code, 1);
      const error = killed.events.at(-1)!;
      const recording = killed.events.filter(({ event }) => event === "recording");
      assertEquals(recording.at(-1)?.state, "ended");
      assertMatch(
        error.message,
        new RegExp(`^Cannot show the picture any more: ${player} was killed by SIGKILL`),
      );

      const nowhere = { ...display.env, DISPLAY: ":9999" };
      await using blind = startReceiver(args, { env: nowhere });
      assertEquals((await blind.status()).code, 1);
      assertMatch(
        blind.events.at(-1)!.message,
        /^Cannot open a window: the display refused it/,
      );

      // What Ctrl-C sends to all that runs in the terminal is no failure.
      await using asked = startReceiver(args, { env: display.env });
      await display.windowOf(player);
      const [other] = [...await childrenOf(asked.pid)].find(([, name]) => name === player)!;
      Deno.kill(other, "SIGINT");
      assertEquals((await asked.status()).code, 0);
    }),
  );
}

programTest(
  "receiver shows NO SIGNAL of a camera that cannot be opened on demand, without ffmpeg",
  withDisplay(async (display) => {
    await using sender = startSender(["/dev/null", "--on-demand"], { env: { PATH: "/nowhere" } });
    const address = `127.0.0.1:${await sender.port()}`;
    await using _receiver = startReceiver([address], { env: display.env });
    const window = await display.windowOf("ffplay");
    await until(async () => isNoSignal(await display.look(window)), "NO SIGNAL");
    await until(
      async () => /^\/dev\/null .* NOT LIVE: Cannot start ffmpeg/.test(await display.title(window)),
      "a title that says why",
    );
  }),
);

programTest(
  "receiver --listen shows what is pushed",
  withDisplay(async (display) => {
    await using receiver = startReceiver(["--listen=127.0.0.1:0"], { env: display.env });
    const push = `--push=127.0.0.1:${await receiver.port()}`;
    await using sender = startSender(["test", "--size=320x240", "--name=Pushed", push]);
    await sender.event(({ state }) => state === "connected");
    const window = await display.windowOf("ffplay");
    await until(async () => /^Pushed/.test(await display.title(window)), "its name as the title");
  }),
);

programTest(
  "sender --preview shows the outgoing picture, and ends when its window is closed",
  withDisplay(async (display) => {
    await using sender = startSender(["test", "--size=320x240", "--preview"], { env: display.env });
    const window = await display.windowOf("ffplay");
    await until(async () => {
      const { width, height } = await display.look(window);
      return width === 320 && height === 240;
    }, "the size of the picture");
    await display.press(window, "q");
    assertEquals((await sender.status()).code, 0);
  }),
);

programTest("receiver says that there is no display, or none that lets it in", async () => {
  const nothing = { DISPLAY: "", WAYLAND_DISPLAY: "", SDL_VIDEODRIVER: "" };
  await using none = startReceiver(["127.0.0.1"], { env: nothing });
  assertEquals((await none.status()).code, 1);
  assertMatch(none.events[0].message, /^Cannot open a window: there is no display/);

  await using sender = startSender(["test"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using wrong = startReceiver([address], { env: { ...nothing, DISPLAY: ":4242" } });
  assertEquals((await wrong.status()).code, 1);
  assertMatch(wrong.events.at(-1)?.message, /^Cannot open a window: the display refused it/);
});

programTest(
  "receiver --once ends with status 1 when nothing listens, and when the sender goes",
  async () => {
    await using refused = startReceiver(["127.0.0.1:1", "--no-display", "--once"]);
    assertEquals((await refused.status()).code, 1);
    assertMatch(refused.events.at(-1)?.message, /nothing listens there/);

    await using sender = startSender(["test"]);
    const address = `127.0.0.1:${await sender.port()}`;
    await using receiver = startReceiver([address, "--no-display", "--once"]);
    await receiver.event(({ state }) => state === "stream");
    sender.signal("SIGKILL");
    assertEquals((await receiver.status()).code, 1);
  },
);

programTest("receiver tells a peer that is no sender in a sentence", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answers = ["HTTP/1.1 400 Bad Request\r\n\r\n", "\xff\xff\xff\xff\xff", "\0\0\0\x03{,}"];
  for (const answer of answers) {
    const address = `127.0.0.1:${listener.addr.port}`;
    await using receiver = startReceiver([address, "--open", "--no-display", "--once"]);
    using connection = await listener.accept();
    await connection.write(Uint8Array.from(answer, (letter) => letter.charCodeAt(0)));
    assertEquals((await receiver.status()).code, 1);
    assertMatch(receiver.events.at(-1)?.message, /^What answers there is not a camcat sender/);
  }
});
