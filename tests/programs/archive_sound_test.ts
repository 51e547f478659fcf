// The sound of recordings, on their page in a browser.

// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { browserTest } from "../support/chromium.ts";
import { Folder } from "../support/folder.ts";
import { startReceiver, startSender, TEST_KEY } from "../support/programs.ts";

/** Keeps what the page's audio element does, which is not in the page itself. */
const SPY = `
  globalThis.heard = [];
  const AudioOfBrowser = Audio;
  globalThis.Audio = class extends AudioOfBrowser {
    constructor() {
      super();
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      const samples = new Float32Array(analyser.fftSize);
      this.loudness = () => {
        analyser.getFloatTimeDomainData(samples);
        return Math.max(...samples.map(Math.abs));
      };
      this.addEventListener("playing", () =>
        context.createMediaStreamSource(this.captureStream()).connect(analyser), { once: true });
      heard.push(this);
    }
  };
  /** The time of the picture, in seconds. */
  globalThis.shown = () => {
    const [h, m, s] = time.textContent.split(":").map(Number);
    return (h * 60 + m) * 60 + s;
  };`;

browserTest("the page of the recordings plays their sound beside the pictures", async (browser) => {
  await using folder = new Folder();
  const yard = `${folder.path}/yard/`;
  {
    await using sender = startSender(["test", "--size=320x180", "--sound"]);
    const { port } = await sender.event(({ event }) => event === "listening");
    await using receiver = startReceiver([`127.0.0.1:${port}`, `--record=${yard}`]);
    await receiver.event(({ event, recorded_s }) => event === "stats" && recorded_s >= 8);
  }
  await using archive = startReceiver([`--recordings=${yard}`, "--http=0"]);
  const { port } = await archive.event(({ event }) => event === "http");
  const page = await browser.open(`http://127.0.0.1:${port}/#${TEST_KEY.text}`);
  await page.until("list.children.length === 1");
  await page.evaluate(SPY);
  assertEquals(await page.evaluate("heard.length"), 0);
  await page.until("!document.getElementById('sound').hidden");
  await page.press(" "); // as a user does: browsers let no sound begin by itself
  await page.until("heard[0]?.currentTime > 1.5");
  // The ticks are decoded, and between them it is silent.
  await page.until("heard[0].loudness() > 0.1");
  await page.until("heard[0].loudness() < 0.01");
  const start = await page.evaluate<number>("shown() - heard[0].currentTime");
  await page.press("m");
  await page.until("heard[0].muted");
  await page.press("]");
  await page.until("heard[1]?.currentTime > 4 && heard[1].playbackRate === 2 && heard[1].muted");
  assertEquals(await page.evaluate("heard[0].paused"), true);
  // The page tells whole seconds.
  await page.until(`Math.abs(shown() - heard[1].currentTime - ${start}) < 1`);
  await page.press(" ");
  await page.until("heard[1].paused");
});
