// The page of the recordings in a browser.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { ArchiveSite } from "../../lib/archive/archive_site.ts";
import { Recordings } from "../../lib/archive/recordings.ts";
import { serveSite } from "../../lib/http/server.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { MATROSKA } from "../../lib/record/formats.ts";
import { Naming } from "../../lib/record/naming.ts";
import { Key } from "../../lib/security/key.ts";
import { archiveSecretsOf } from "../../lib/security/identity.ts";
import { browserTest, type Page } from "../support/chromium.ts";
import { numberedClip } from "../support/ffmpeg.ts";
import { exists, Folder } from "../support/folder.ts";
import { mux } from "../support/recordings.ts";

const FPS = 25;
const NOON = new Date(2026, 10, 20, 12).getTime();

/** Makes recordings of numbered pictures that begin at these times. */
async function makeRecordings(folder: string, starts: [timeMs: number, reason?: string][]) {
  const args = ["-c:v", "mjpeg", "-q:v", "3", "-f", "mjpeg"];
  const clip = await numberedClip("pipe:1", FPS, 100, args);
  const jpegs = new JpegSplitter().push(clip).map(({ jpeg }) => jpeg.slice());
  for (const [startMs, reason] of starts) {
    const frames = jpegs.map((jpeg, index) => ({ jpeg, timeMs: startMs + index * 1000 / FPS }));
    const path = folder + new Naming().name(startMs, ".mkv", 1, reason);
    await Deno.writeFile(path, mux(MATROSKA, frames, true).bytes);
    const end = new Date(startMs + jpegs.length * 1000 / FPS);
    await Deno.utime(path, end, end);
  }
}

/** Defines `number()` in a page: the number that the picture shows in bits. */
const NUMBER = `globalThis.number = () => {
  const { width, height } = picture;
  const row = picture.getContext("2d").getImageData(0, height >> 1, width, 1).data;
  const bits = Array.from({ length: 12 }, (_, bit) => row[Math.floor((bit + 0.5) * width / 12) * 4]);
  return width < 20 ? -1 : bits.reduce((n, level, bit) => n + (level > 127 ? 1 << bit : 0), 0);
}`;

const number = (page: Page) => page.evaluate<number>("number()");

browserTest(
  "the page of the recordings lists, plays, steps, fits a phone and deletes",
  async (browser) => {
    await using folder = new Folder();
    const yard = `${folder.path}/`;
    await makeRecordings(yard, [[NOON - 86_400_000], [NOON], [NOON + 3_600_000, "door bell"]]);
    const key = Key.random();
    const secrets = await archiveSecretsOf(key);
    const stop = new AbortController();
    const { address, finished } = serveSite(
      (where) =>
        new ArchiveSite(new Recordings(yard, new Naming()), { secrets, names: [], ...where }),
      { address: { hostname: "127.0.0.1", port: 0 }, signal: stop.signal },
      "--http",
    );
    const url = `http://127.0.0.1:${address.port}/`;

    const stranger = await browser.open(url);
    await stranger.until(`document.body.dataset.state === "locked"`);
    assertEquals(await stranger.evaluate("list.children.length"), 0);

    const page = await browser.open(`${url}#${key.text}`);
    await page.until("list.children.length === 2"); // those of the newest day
    assertEquals(
      await page.evaluate("location.href + document.cookie"),
      url,
      "no trace of the key",
    );
    assert((await page.text("list")).includes("door-bell"), await page.text("list"));
    await page.until("blocks.children.length === 2");
    await page.until("document.querySelector('#list img').naturalWidth > 100");
    await page.evaluate(NUMBER);

    await page.evaluate(`document.querySelectorAll("#list .open")[1].click()`);
    await page.until("number() > 5 && play.textContent === 'Pause'");
    await page.press(" ");
    await page.until("play.textContent === 'Play'");
    const stopped = await number(page);
    await page.press(".");
    await page.until(`number() === ${stopped + 1}`);
    await page.press(",");
    await page.until(`number() === ${stopped}`);
    await page.press("]");
    await page.until("speed.value === '2'");
    await page.evaluate("speed.value = '16'; speed.dispatchEvent(new Event('change'))");
    await page.press(" ");
    // After the last picture the next recording plays, and after that one it stops.
    await page.until("list.firstElementChild.className === 'current'");
    await page.until("play.textContent === 'Play'");

    const { left, top, width } = await page.evaluate<Record<"left" | "top" | "width", number>>(
      "line.getBoundingClientRect().toJSON()",
    );
    const x = left + width * (12 + 2 / 3600) / 24; // the recording of noon
    for (const type of ["mousePressed", "mouseReleased"]) {
      await page.send("Input.dispatchMouseEvent", {
        ...{ type, x, y: top + 40, button: "left", clickCount: 1 },
      });
    }
    await page.until("list.lastElementChild.className === 'current'");

    for (
      const [name, features, viewport] of [
        ["light", "light", { width: 1280, height: 900, mobile: false }],
        ["dark", "dark", { width: 1280, height: 900, mobile: false }],
        ["phone", "dark", { width: 320, height: 640, mobile: true }],
      ] as const
    ) {
      await page.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: features }],
      });
      await page.send("Emulation.setDeviceMetricsOverride", { ...viewport, deviceScaleFactor: 1 });
      await page.until(`document.documentElement.clientWidth === ${viewport.width}`);
      assertEquals(await page.evaluate("document.documentElement.scrollWidth"), viewport.width);
      const keep = Deno.env.get("CAMCAT_SCREENSHOTS");
      if (keep !== undefined) {
        await Deno.writeFile(`${keep}/archive-${name}.png`, await page.screenshot());
      }
    }

    const doomed = yard + new Naming().name(NOON + 3_600_000, ".mkv", 1, "door bell");
    await page.evaluate(`document.querySelector("#list .delete").click()`);
    await page.until("document.getElementById('confirm').open");
    await page.evaluate("keep.click()");
    await page.until("!document.getElementById('confirm').open");
    assert(exists(doomed));
    await page.evaluate(`document.querySelector("#list .delete").click()`);
    await page.evaluate("erase.click()");
    await page.until("list.children.length === 1");
    assert(!exists(doomed));
    await page.evaluate("earlier.click()");
    await page.until("later.disabled === false && list.children.length === 1");
    stop.abort();
    await finished;
  },
);
