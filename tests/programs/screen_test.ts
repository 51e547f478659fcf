// The compiled sender, with a screen as its source.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import { receive } from "../../lib/receive/receive.ts";
import { Display } from "../support/display.ts";
import { ffmpeg } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { programTest, startSender, TEST_KEY } from "../support/programs.ts";

programTest("sender screen sends what is to be seen there, and a part of it", async () => {
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
