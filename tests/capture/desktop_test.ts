// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type Desktop, desktopNote, screenRecipe } from "../../lib/capture/desktop.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import type { Picture } from "../../lib/capture/ffmpeg_args.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { receive } from "../../lib/receive/receive.ts";
import { Display } from "../support/display.ts";
import { ffmpeg, Folder, startSender, TEST_KEY, testOnLinux } from "../support/programs.ts";

const X11: Desktop = { os: "linux", display: ":0", wayland: undefined };
const MAC: Desktop = { os: "darwin", display: undefined, wayland: undefined };
const WINDOWS: Desktop = { os: "windows", display: undefined, wayland: undefined };

Deno.test({
  name: "screenRecipe() knows the screens of each system",
  permissions: "none",
  fn() {
    const grab = "-f x11grab -framerate 30 -i";
    const cases: [Desktop, number | undefined, Picture, string][] = [
      [X11, undefined, {}, `${grab} :0`],
      [X11, 1, {}, `${grab} :0.1`],
      [{ ...X11, display: "host:10.0" }, undefined, {}, `${grab} host:10.0`],
      [{ ...X11, display: "host:10.0" }, 2, {}, `${grab} host:10.2`],
      [{ ...X11, wayland: "wayland-0" }, 0, { fps: 12.5 }, "-f x11grab -framerate 12.5 -i :0.0"],
      [
        MAC,
        undefined,
        {},
        "-f avfoundation -framerate 30 -capture_cursor 1 -i Capture screen 0:none",
      ],
      [MAC, 1, {}, "-f avfoundation -framerate 30 -capture_cursor 1 -i Capture screen 1:none"],
      [WINDOWS, undefined, {}, "-f gdigrab -framerate 30 -i desktop"],
      [WINDOWS, 0, { fps: 5 }, "-f gdigrab -framerate 5 -i desktop"],
    ];
    for (const [desktop, number, picture, expected] of cases) {
      const { input, copy } = screenRecipe(number, picture, desktop);
      assertEquals([input.join(" "), copy], [expected, false]);
    }
    const none = { ...X11, display: undefined };
    const failures: [Desktop, number | undefined, string][] = [
      [
        none,
        undefined,
        "Cannot capture the screen: there is no display. Run this in a desktop session",
      ],
      [{ ...none, wayland: "wayland-0" }, 1, "Wayland lets no program do that. Log in to an X11"],
      [WINDOWS, 1, "Cannot capture screen 1: Windows gives all of them as one picture"],
    ];
    for (const [desktop, number, words] of failures) {
      assertThrows(() => screenRecipe(number, {}, desktop), CamcatError, words);
    }
  },
});

Deno.test({
  name: "desktopNote() warns of what X11 cannot see under Wayland",
  permissions: "none",
  fn() {
    for (const desktop of [X11, MAC, WINDOWS]) assertEquals(desktopNote(desktop), undefined);
    assertMatch(desktopNote({ ...X11, wayland: "wayland-0" })!, /the rest stays black/);
  },
});

testOnLinux("sender screen sends what is to be seen there, and a part of it", async () => {
  await using display = await Display.open();
  await using folder = new Folder();
  const file = `${folder.path}/fields.pgm`;
  // Fields of grey, darker to the left and to the top.
  const [width, height] = [1400, 900];
  const pixels = Uint8Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    return 32 * (Math.floor(x / 350) + 1) + 16 * Math.floor(y / 450);
  });
  await Deno.writeFile(file, new Blob([`P5 ${width} ${height} 255\n`, pixels]).stream());
  await display.paint(file);

  const parts: [string[], number, number, number[]][] = [
    [[], 1400, 900, [32, 64, 96, 128]],
    [["--crop=350x450+700+450"], 350, 450, [112, 112, 112, 112]],
    [["--size=700x", "--flip=h"], 700, 450, [128, 96, 64, 32]],
  ];
  for (const [args, width, height, expected] of parts) {
    await using sender = startSender(["screen", "--quality=100", ...args], { env: display.env });
    const address = { hostname: "127.0.0.1", port: await sender.port() };
    for await (const { frame } of receive(address, { key: TEST_KEY })) {
      assertEquals(sizeOf(frame.jpeg), { width, height });
      const raw = ["-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"];
      const pixels = await ffmpeg(["-f", "mjpeg", "-i", "pipe:0", ...raw], frame.jpeg.slice());
      const seen = [1, 3, 5, 7].map((eighth) => {
        return pixels[Math.floor(height / 8) * width + Math.floor(eighth * width / 8)];
      });
      seen.forEach((grey, index) => {
        assert(Math.abs(grey - expected[index]) <= 4, `${args}: ${seen}, not ${expected}`);
      });
      break;
    }
  }

  await using none = startSender(["screen:1"], { env: display.env });
  assertEquals((await none.status()).code, 1);
  assertMatch(none.events.at(-1)?.message, /^Cannot capture screen:1: the display has no such/);
  await using blind = startSender(["screen"], { env: { DISPLAY: "", WAYLAND_DISPLAY: "" } });
  assertEquals((await blind.status()).code, 1);
  assertMatch(blind.events.at(-1)?.message, /^Cannot capture the screen: there is no display/);
});
