// The compiled receiver in terminals.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Display } from "../support/display.ts";
import type { Color, Emulator } from "../support/emulator.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import { type Program, programTest, RECEIVER, startSender, TEST_ENV } from "../support/programs.ts";
import { type Left, Pty, type PtyOptions } from "../support/pty.ts";
import { skipped } from "../support/skipped.ts";

const SIZE = { columns: 80, rows: 24 };

/** A sender of a picture whose left half is red and whose right half is blue, 16:9. */
async function startTwoColors(folder: string, listen = "127.0.0.1:0"): Promise<Program> {
  const file = `${folder}/colors.avi`;
  const source = "color=red:size=320x360:rate=30,format=rgb24[l];" +
    "color=blue:size=320x360:rate=30,format=rgb24[r];[l][r]hstack";
  const encoding = ["-frames:v", "60", "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj444p"];
  await ffmpeg(["-f", "lavfi", "-i", source, ...encoding, file]);
  return startSender([file, "--loop", "--name=Colours", `--listen=${listen}`]);
}

function open(address: string, options: Partial<PtyOptions> = {}): Pty {
  return new Pty(RECEIVER, [address, "--display", "terminal"], { ...SIZE, ...options });
}

function isColor(color: Color, red: number, green: number, blue: number): boolean {
  const [kind, ...rgb] = (color ?? "").split(";").map(Number);
  if (kind === 5) return rgb[0] === 16 + 36 * (red / 51) + 6 * (green / 51) + blue / 51;
  return kind === 2 &&
    [red, green, blue].every((level, index) => Math.abs(level - rgb[index]) < 16);
}

/** Whether the whole picture is there, as large as it can be above the last row. */
function showsTwoColors(screen: Emulator): boolean {
  const { columns, rows } = screen;
  const pictureRows = Math.max(1, rows - 1);
  const [width, height] = [columns, 2 * pictureRows];
  const shown = {
    width: Math.min(width, height * 16 / 9),
    height: Math.min(height, width * 9 / 16),
  };
  if (!screen.modes.has(1049)) return false;
  const colorAt = (x: number, y: number) => {
    const cell = Math.floor(y / 2) * columns + Math.floor(x);
    try {
      return screen.halves(cell)[Math.floor(y) % 2];
    } catch {
      return undefined; // the title of a larger terminal is still there
    }
  };
  const [left, right] = [(width - shown.width) / 2, (width + shown.width) / 2];
  const [top, bottom] = [(height - shown.height) / 2, (height + shown.height) / 2];
  const [nearLeft, nearRight] = [left + 0.1 * shown.width, right - 0.1 * shown.width];
  const [nearTop, nearBottom] = [top + 0.1 * shown.height, bottom - 0.1 * shown.height];
  return [nearTop, (top + bottom) / 2, nearBottom].every((y) =>
    isColor(colorAt(nearLeft, y), 255, 0, 0) && isColor(colorAt(nearRight, y), 0, 0, 255)
  ) && (top < 2 || isColor(colorAt(width / 2, 0), 0, 0, 0));
}

const RESTORED: Omit<Left, "status"> = { echo: true, canonical: true };

for (
  const [what, options] of Object.entries<Partial<PtyOptions>>({
    "true colours": {},
    "256 colours": { env: { COLORTERM: "" } },
    "a terminal that does not answer": { answers: false },
  })
) {
  programTest(`receiver --display terminal draws the picture with ${what}`, async () => {
    await using folder = new Folder();
    await using sender = await startTwoColors(folder.path);
    const address = `127.0.0.1:${await sender.port()}`;
    await using pty = open(address, options);
    await pty.shows(showsTwoColors, "the picture");
    await pty.shows((screen) => / fps /.test(screen.row(23)), "figures in the last row");
    assert(pty.screen.row(23).startsWith(`Colours (${address})  `), pty.screen.row(23));
    assertEquals([...pty.screen.modes].sort(), [1049, 25, 7].sort());
    const kind = options.env ? /^5;/ : /^2;/;
    assertMatch(pty.screen.halves(0)[0]!, kind);

    await pty.type("q");
    assertEquals(await pty.left(), { status: 0, ...RESTORED });
    assertEquals([...pty.screen.modes], []);
    const lines = [`Connecting to ${address}`, "Receiving Colours", ""];
    assertEquals([0, 1, 2].map((row) => pty.screen.row(row)), lines, "what the shell showed");
  });
}

programTest("receiver --display terminal gives the terminal back, however it ends", async () => {
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  const ends: Record<string, (pty: Pty) => Promise<void>> = {
    "Esc": (pty) => pty.type("\x1b"),
    "Ctrl-C": (pty) => pty.type("\x03"),
    "Ctrl-\\": (pty) => pty.type("\x1c"),
    "SIGTERM": async (pty) => Deno.kill(await pty.pid(), "SIGTERM"),
    "SIGHUP": async (pty) => Deno.kill(await pty.pid(), "SIGHUP"),
  };
  for (const [what, end] of Object.entries(ends)) {
    await using pty = open(address);
    await pty.shows(showsTwoColors, "the picture");
    const children = [...(await childrenOf(await pty.pid())).keys()];
    assert(children.length > 0);
    // These do not end it.
    await pty.type("x\x1b[A\x1a");
    const drawn = pty.screen.updates.length;
    await pty.shows(({ updates }) => updates.length > drawn, "another drawing");
    await end(pty);
    assertEquals(await pty.left(), { status: 0, ...RESTORED }, what);
    assertEquals([...pty.screen.modes], [], what);
    await until(() => !children.some(isRunning), `the end of ffmpeg after ${what}`);
  }
});

programTest("Terminal is given back when the program fails or exits", async () => {
  const terminal = new URL("../../lib/display/terminal.ts", import.meta.url).href;
  const failures: Record<string, number> = {
    "setTimeout(() => { throw new Error('test'); })": 1,
    "Promise.reject(new Error('test'))": 1,
    "throw new Error('test')": 1,
    "Deno.exit(3)": 3,
  };
  for (const [failure, status] of Object.entries(failures)) {
    const code = `
      import { Terminal } from "${terminal}";
      const { signal } = new AbortController();
      const terminal = await Terminal.open({ signal, onKey: () => {}, onResize: () => {} });
      await terminal.draw("drawn");
      ${failure};
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    `;
    await using pty = new Pty(Deno.execPath(), ["eval", "--quiet", "--no-check", code], SIZE);
    const left = await pty.left();
    assertEquals(left, { status, ...RESTORED }, failure);
    assertEquals([...pty.screen.modes], [], failure);
    assertEquals(pty.screen.updates.length, 1, failure);
  }
});

programTest("receiver --display terminal follows the size of the terminal", async () => {
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  await using pty = open(address);
  await pty.shows(showsTwoColors, "the picture");
  for (const [columns, rows] of [[40, 12], [30, 40], [150, 50]]) {
    await pty.resize(columns, rows);
    await pty.shows(showsTwoColors, `the picture in ${columns}x${rows}`);
    if (columns > 20) {
      await pty.shows((screen) => screen.row(rows - 1).startsWith("Colours ("), "the title");
    }
  }
  for (const [columns, rows] of [[2, 2], [3, 1], [1, 1], [5000, 3000], [0, 0]]) {
    const drawn = pty.screen.updates.length;
    await pty.resize(columns, rows);
    await pty.shows(({ updates }) => updates.length > drawn, `it in ${columns}x${rows}`);
  }
  await pty.resize(80, 24);
  await pty.shows(showsTwoColors, "the picture again");
  const pid = await pty.pid();
  await until(async () => (await childrenOf(pid)).size === 1, "the end of all other decoders");
  await pty.type("q");
  assertEquals(await pty.left(), { status: 0, ...RESTORED });
});

programTest(
  "receiver --display terminal shows NO SIGNAL while the sender is gone, and outlives ffmpeg",
  async () => {
    await using folder = new Folder();
    await using sender = await startTwoColors(folder.path);
    const address = `127.0.0.1:${await sender.port()}`;
    await using pty = open(address);
    await pty.shows(showsTwoColors, "the picture");
    const [decoder] = [...(await childrenOf(await pty.pid())).keys()];
    Deno.kill(decoder, "SIGKILL");
    await until(async () => {
      const children = [...(await childrenOf(await pty.pid())).keys()];
      return children.length === 1 && children[0] !== decoder;
    }, "another decoder");
    const drawn = pty.screen.updates.length;
    await pty.shows(({ updates }) => updates.length > drawn, "another drawing");

    sender.signal("SIGKILL");
    await pty.shows((screen) => /NOT LIVE: /.test(screen.row(23)), "a title that says so");
    const isDark = (screen: Emulator) =>
      [1, 21].every((row) => isColor(screen.halves(row * 80)[0], 24, 24, 24));
    await pty.shows(isDark, "NO SIGNAL");
    const bright = Array.from({ length: 23 * 80 }, (_, cell) => pty.screen.halves(cell)).flat()
      .filter((color) => Number(color?.split(";")[1]) > 100);
    assert(bright.length > 50, `letters: ${bright.length}`);

    await using _again = await startTwoColors(folder.path, address);
    await pty.shows(showsTwoColors, "the picture again");
    await pty.shows((screen) => !screen.row(23).includes("NOT LIVE"), "the title of before");
    await pty.type("q");
    assertEquals(await pty.left(), { status: 0, ...RESTORED });
    // What was said meanwhile is said now.
    assertMatch([2, 3].map((row) => pty.screen.row(row)).join("\n"), /Trying again/);
  },
);

programTest("receiver --display terminal gives the terminal to the shell on Ctrl-Z", async () => {
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  await using pty = new Pty("bash", ["--noprofile", "--norc", "-i"], SIZE);
  // The shell has modes of its own.
  const isGivenBack = ({ modes }: Emulator) => ![1049, 25, 7].some((mode) => modes.has(mode));
  const says = (text: string) => (screen: Emulator) =>
    Array.from({ length: screen.rows }, (_, row) => screen.row(row)).join("\n").includes(text);
  await pty.type(`${RECEIVER} ${address} -d terminal\n`);
  await pty.shows(showsTwoColors, "the picture");
  const [receiver] = [...(await childrenOf(await pty.pid())).keys()];
  const isStopped = (pid: number) =>
    /^State:\s+T/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));

  await pty.type("\x1a");
  await pty.shows(says("Stopped"), "what the shell says");
  assert(isGivenBack(pty.screen));
  assert(isStopped(receiver));
  await pty.type(
    "echo typed; stty -a | tr ' ;' '\\n\\n' | grep -xE 'icanon|echo' | sort | xargs\n",
  );
  await pty.shows(says("typed\necho icanon"), "the terminal as the shell wants it");
  await pty.resize(60, 20); // nobody tells who is stopped
  await pty.type("fg\n");
  await pty.shows(showsTwoColors, "the picture again");
  await pty.shows((screen) => / fps /.test(screen.row(19)), "figures in the last row");

  // Another time, and stopped in a way that nobody can prepare for.
  await pty.type("\x1a");
  await until(() => isStopped(receiver), "the stop"); // until then it reads what is typed
  await pty.type("fg\n");
  await pty.shows(showsTwoColors, "the picture again");
  Deno.kill(receiver, "SIGSTOP");
  await until(() => isStopped(receiver), "the stop");
  await pty.type("\x15clear\n"); // after an answer that it did not get any more
  await pty.shows((screen) => !showsTwoColors(screen), "nothing");
  await pty.type("fg\n");
  await pty.shows(showsTwoColors, "the picture again");
  await pty.type("q");
  await until(() => !isRunning(receiver), "the end of the receiver");
  await pty.shows(isGivenBack, "the shell");
  await pty.type("exit\n");
  assertEquals(await pty.left(), { status: 0, ...RESTORED });
});

programTest("receiver --display terminal leaves nothing on the only screen there is", async () => {
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  await using pty = open(`127.0.0.1:${await sender.port()}`, { hasOtherScreen: false });
  await pty.shows((screen) => / fps /.test(screen.row(23)), "figures in the last row");
  await pty.type("q");
  assertEquals(await pty.left(), { status: 0, ...RESTORED });
  assertEquals(Array.from({ length: 24 }, (_, row) => pty.screen.row(row)).join(""), "");
});

programTest("receiver --display terminal refuses a terminal that shows text only", async () => {
  await using pty = open("127.0.0.1:1", { env: { TERM: "dumb" } });
  assertEquals((await pty.left()).status, 2);
  assertMatch(pty.screen.row(0), /^error: Cannot draw the picture: .*TERM=dumb/);
});

programTest("receiver --display terminal ends although the terminal takes nothing", async () => {
  await using sender = startSender(["test", "--size=640x480"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using pty = open(address);
  await pty.shows(({ modes }) => modes.has(1049), "a picture");
  await pty.stall();
  await sender.event(
    ({ event, mbit_per_s, viewers }) => event === "stats" && viewers === 1 && mbit_per_s === 0,
    sender.events.length,
  );
  Deno.kill(await pty.pid(), "SIGTERM");
  // Nothing can be done to it then: how it is left is up to the shell.
  assertEquals((await pty.left()).status, 0);
});

programTest("receiver --display terminal draws no faster than the terminal answers", async () => {
  await using sender = startSender(["test", "--size=640x480"]);
  const address = `127.0.0.1:${await sender.port()}`;
  await using pty = open(address);
  await pty.shows(({ updates }) => updates.length > 10, "pictures");
  await pty.mute();
  const nothingIsSent = () =>
    sender.event(
      ({ event, mbit_per_s, viewers }) => event === "stats" && viewers === 1 && mbit_per_s === 0,
      sender.events.length,
    );
  // It may take a while until nothing is on its way any more.
  let drawn = 0;
  await until(async () => {
    await nothingIsSent();
    drawn = pty.screen.updates.length;
    await nothingIsSent();
    return pty.screen.updates.length === drawn;
  }, "the end of the drawing");
  await pty.type("\x1b[0n");
  await pty.shows(({ updates }) => updates.length > drawn, "the next picture");
  await pty.type("q");
  assertEquals(await pty.left(), { status: 0, ...RESTORED });
});

programTest("receiver draws its status over and over in one line, however narrow", async () => {
  await using sender = startSender(["test", "--size=64x48"]);
  const address = `127.0.0.1:${await sender.port()}`;
  const command = `echo x | exec ${RECEIVER} ${address} --no-display > /dev/null`;
  await using pty = new Pty("bash", ["-c", command], { columns: 30, rows: 10 });
  await pty.shows((screen) => / fps /.test(screen.row(2)), "figures");
  const first = pty.screen.row(2);
  await pty.shows((screen) => screen.row(2) !== first, "other figures");
  assertEquals([3, 4].map((row) => pty.screen.row(row)), ["", ""]);
  await pty.type("\x03");
  await pty.left();
});

programTest("receiver --display terminal works without a keyboard", async () => {
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  const command = `exec ${RECEIVER} ${address} -d terminal < /dev/null`;
  await using pty = new Pty("bash", ["-c", command], SIZE);
  await pty.shows(showsTwoColors, "the picture");
  Deno.kill(await pty.pid(), "SIGINT");
  assertEquals(await pty.left(), { status: 0, ...RESTORED });
  assertEquals([...pty.screen.modes], []);
});

programTest("receiver --display terminal shows its colours in xterm, and ends with q", async () => {
  const found = await new Deno.Command("xterm", { args: ["-version"], stdout: "null" }).output()
    .catch(() => undefined);
  if (!found?.success) {
    skipped("xterm is not installed");
    return;
  }
  await using display = await Display.open();
  await using folder = new Folder();
  await using sender = await startTwoColors(folder.path);
  const address = `127.0.0.1:${await sender.port()}`;
  const receiver = [RECEIVER, address, "--display=terminal"];
  for (const COLORTERM of ["truecolor", ""]) {
    await using xterm = new Deno.Command("xterm", {
      args: ["-geometry", "80x24", "-e", ...receiver],
      env: { ...display.env, ...TEST_ENV, COLORTERM },
      stderr: "null",
    }).spawn();
    const window = await display.windowOf("xterm");
    await until(async () => {
      const [left, right] = [
        await display.color(window, 0.25, 0.5),
        await display.color(window, 0.75, 0.5),
      ];
      return left[0] > 240 && left[1] < 16 && left[2] < 16 &&
        right[0] < 16 && right[1] < 16 && right[2] > 240;
    }, "red and blue");
    await display.press(window, "q");
    assertEquals((await xterm.status).code, 0);
  }
});
