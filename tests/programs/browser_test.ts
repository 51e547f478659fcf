// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertMatch } from "@std/assert";
import { Link, linkLack } from "../../bench/link.ts";
import { now } from "../../lib/base/clock.ts";
import { Frame } from "../../lib/jpeg/frame.ts";
import { serveHttp } from "../../lib/http/server.ts";
import { Hub } from "../../lib/send/hub.ts";
import { formatCode } from "../../lib/pairing/code.ts";
import { PairingDesk } from "../../lib/pairing/desk.ts";
import { Key } from "../../lib/security/key.ts";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { JpegSplitter } from "../../lib/jpeg/splitter.ts";
import { CameraRouter } from "../../lib/send/camera_router.ts";
import { browserTest, type Page } from "../support/chromium.ts";
import { wrong } from "../support/codes.ts";
import { ffmpeg, numberedClip } from "../support/ffmpeg.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import { Program, SENDER, startSender, TEST_KEY } from "../support/programs.ts";
import { skipped } from "../support/skipped.ts";

const FPS = 25;
/** The pictures show their number in this many values, and start again after the last. */
const COUNT = 256;

/** A name longer than a phone is wide. */
const YARD = "Yard behind the old house where the barn once was";

/** The numbered pictures in one file, one after the other. */
function numbered(): Promise<Uint8Array> {
  return numberedClip("pipe:1", FPS, COUNT, ["-c:v", "mjpeg", "-q:v", "2", "-f", "mjpeg"]);
}

/** Defines `number()` in a page: the number that the picture shows in bits; -1 without a picture. */
const NUMBER = `globalThis.number = () => {
  const { width, height } = picture;
  const row = picture.getContext("2d").getImageData(0, height >> 1, width, 1).data;
  const bits = Array.from({ length: 12 }, (_, bit) => row[Math.floor((bit + 0.5) * width / 12) * 4]);
  return width < 20 ? -1 : bits.reduce((n, level, bit) => n + (level > 127 ? 1 << bit : 0), 0);
}`;

const number = (page: Page) => page.evaluate<number>("number()");

/** Fails unless the number in the picture advances. */
async function assertAdvances(page: Page): Promise<void> {
  const before = await number(page);
  await page.until(`number() !== ${before}`);
}

browserTest(
  "a browser with the key shows the changing picture, one without the key nothing",
  async (browser) => {
    await using folder = new Folder();
    const file = `${folder.path}/numbered.avi`;
    await Deno.writeFile(`${folder.path}/numbered.mjpeg`, await numbered());
    await ffmpeg([
      ...["-framerate", `${FPS}`, "-i", `${folder.path}/numbered.mjpeg`, "-c", "copy", file],
    ]);
    await using sender = startSender([
      ...[file, file, `--name=Door,${YARD}`, "--loop", "--http=0", "--on-demand"],
    ]);
    const { url } = await sender.event(({ event }) => event === "http");

    const stranger = await browser.open(`${url}#${Key.random().text}`);
    await stranger.until(`document.body.dataset.state === "locked"`);
    assertEquals(await stranger.text("problem"), "This is not the key of this camera.");
    assertEquals(await stranger.evaluate("[name.length, picture.width, document.cookie]"), [
      0,
      16,
      "",
    ]);
    assertEquals(await stranger.text("name"), "camcat");

    const page = await browser.open(`${url}#${TEST_KEY.text}`);
    await page.until(`document.body.dataset.state === "live"`);
    await page.evaluate(NUMBER);
    await assertAdvances(page);
    assertEquals(
      await page.evaluate("location.href + document.cookie"),
      url,
      "no trace of the key",
    );
    assertEquals(await page.text("name"), "Door");
    await page.until(`document.title === "Door" && cameras.options.length === 2`);

    // The session also serves a second window; the locked page opens with the key typed in.
    await stranger.evaluate(`key.value = "${TEST_KEY.text.toUpperCase()}"; ask.requestSubmit()`);
    await stranger.until(`document.body.dataset.state === "live"`);
    await stranger.evaluate(NUMBER);
    await assertAdvances(stranger);
    await assertAdvances(page);
    const watching = () => sender.events.filter((it) => it.event === "viewer").at(-1)!.viewers;
    await until(() => watching() === 2, "an event for both");

    await page.press("ArrowRight");
    await page.until(`document.title === "${YARD}" && location.search.startsWith("?camera=Yard")`);
    await page.press(" ");
    await page.until(`document.body.dataset.state === "paused"`);
    const stopped = await number(page);
    await until(() => watching() === 0, "the paused page to have left");
    assertEquals(await number(page), stopped);
    await page.press(" ");
    await page.until(`document.body.dataset.state === "live"`);
    await assertAdvances(page);

    await page.send("Emulation.setDeviceMetricsOverride", {
      ...{ width: 320, height: 568, deviceScaleFactor: 1, mobile: true },
    });
    await page.until("document.documentElement.scrollWidth === 320"); // a phone's

    sender.signal("SIGSTOP");
    await page.until(`document.body.dataset.state === "silent"`);
    assertEquals(await page.text("headline"), "NO SIGNAL");
    assertMatch(await page.text("reason"), /^Since \d.*\. The sender does not answer\.$/);
    assertEquals(await page.evaluate("getComputedStyle(picture).visibility"), "hidden");
    sender.signal("SIGCONT");
    await page.until(`document.body.dataset.state === "live"`);
    await assertAdvances(page);

    sender.signal("SIGKILL");
    await page.until(`document.body.dataset.state === "offline"`);
    assertEquals(await page.text("headline"), "NO SIGNAL");
    assertEquals(await page.evaluate("getComputedStyle(picture).visibility"), "hidden");
  },
);

browserTest(
  "a browser without the key pairs with the code that the sender shows",
  async (browser) => {
    const key = Key.random();
    const hub = new Hub({ name: "Door" });
    const desk = new PairingDesk(key);
    const stop = new AbortController();
    // A browser trusts the loopback interface as it does https, and offers cryptography there.
    const hostname =
      Deno.networkInterfaces().find(({ family, address }) =>
        family === "IPv4" && !address.startsWith("127.")
      )?.address ?? "127.0.0.1";
    const { address, finished } = serveHttp(new CameraRouter([hub]), {
      address: { hostname, port: 0 },
      secrets: await httpSecretsOf(key),
      pairing: desk,
      names: [],
      signal: stop.signal,
    });
    const page = await browser.open(`http://${hostname}:${address.port}/`);
    await page.until(`document.body.dataset.state === "locked"`);
    const isOffered = await page.evaluate<boolean>("crypto.subtle !== undefined");
    assertEquals(isOffered, hostname === "127.0.0.1");
    const type = async (text: string) => {
      await page.evaluate(
        `problem.textContent = ""; key.value = "${text}"; ask.requestSubmit(), 0`,
      );
      await page.until(`problem.textContent !== "" || document.body.dataset.state !== "locked"`);
      return await page.text("problem");
    };
    assertMatch(await type("123456"), /^This sender shows no code\. Run `sender --pair`/);
    const { code } = await desk.open(() => {});
    assertEquals(await type(wrong(code)), "The code is wrong; 2 tries are left.");
    assertEquals(await type(` ${formatCode(code)} `), "");
    await page.until(`document.body.dataset.state !== "locked"`);
    const open = await page.evaluate<number>(`fetch("status.json").then(({ status }) => status)`);
    assertEquals(open, 200);
    assertEquals(desk.tries, undefined);
    stop.abort();
    await hub.close("the end");
    await finished;
  },
);

browserTest("a browser stays live, also a slow one, and shows its latency", async (browser) => {
  await using folder = new Folder();
  const jpegs = new JpegSplitter().push(await numbered()).map(({ jpeg }) => jpeg);
  assertEquals(jpegs.length, COUNT);

  const hub = new Hub({ name: "Numbers" });
  const key = Key.random();
  const stop = new AbortController();
  const { address, finished } = serveHttp(new CameraRouter([hub]), {
    address: { hostname: "127.0.0.1", port: 0 },
    secrets: await httpSecretsOf(key),
    names: [],
    signal: stop.signal,
  });
  /** When each picture was captured last. */
  const capturedAt: number[] = [];
  let count = 0;
  const timer = setInterval(() => {
    const index = count++ % COUNT;
    capturedAt[index] = now();
    hub.publish(Frame.from(jpegs[index], { time: capturedAt[index] }));
  }, 1000 / FPS);

  const page = await browser.open(`http://127.0.0.1:${address.port}/#${key.text}`);
  await page.until(`document.body.dataset.state === "live"`);
  await page.evaluate(NUMBER);

  /**
   * Watches for some seconds and some pictures.
   *
   * @returns the lowest and highest possible age of each picture when it was shown, the times between them,
   * and the latencies that the page showed
   */
  const watch = async (ms: number) => {
    const { seen, told } = await page.evaluate<
      { seen: [number, number, number][]; told: string[] }
    >(`
      new Promise((resolve) => {
        const now = () => performance.timeOrigin + performance.now();
        const [seen, told, end] = [[], [], now() + ${ms}];
        let [last, lookedAt] = [number(), now()];
        const look = () => {
          const current = number();
          if (current !== last) seen.push([last = current, lookedAt, now()]);
          if (told.at(-1) !== latency.innerText) told.push(latency.innerText);
          lookedAt = now();
          if (lookedAt < end || seen.length < 8) setTimeout(look, 2);
          else resolve({ seen, told });
        };
        look();
      })`);
    return {
      least: seen.map(([index, after]) => after - capturedAt[index]),
      most: seen.map(([index, , before]) => before - capturedAt[index]),
      gaps: seen.slice(1).map(([, , at], index) => at - seen[index][2]),
      told: told.filter((text) => text.endsWith(" ms")).map((text) => parseFloat(text)),
    };
  };
  const quantile = (values: number[], part: number) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length * part)];

  // The limits are as precise as this machine is steady.
  const { least, most, told } = await watch(6000);
  const [from, to] = [quantile(least, 0.1) - 30, quantile(most, 0.9) + 30];
  const shown = quantile(told, 0.5);
  assertEquals(from < shown && shown < to, true, `${from} to ${to}, and the page says ${shown} ms`);

  await page.send("Emulation.setCPUThrottlingRate", { rate: 10 });
  const slow = await watch(5000);
  await page.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  // One is being drawn, one may wait, one may be on its way: anything older was in a queue.
  const oldest = Math.max(...slow.most.slice(slow.most.length >> 1));
  const longest = Math.max(...slow.gaps);
  assertEquals(oldest < 1000 + 4 * longest, true, `${slow.most} ms, every ${slow.gaps} ms`);

  await browser.send("Browser.setDownloadBehavior", {
    behavior: "allow",
    downloadPath: folder.path,
  });
  await page.press("s");
  const known = new Set(jpegs.map((jpeg) => jpeg.toHex()));
  await until(
    () =>
      [...Deno.readDirSync(folder.path)].some(({ name }) =>
        /^Numbers-.*Z\.jpg$/.test(name) &&
        known.has(Deno.readFileSync(`${folder.path}/${name}`).toHex())
      ),
    "the snapshot as captured",
  );

  clearInterval(timer);
  await hub.close("the end");
  stop.abort();
  await finished;
});

browserTest(
  "a page gets no more pixels than it shows, and more when it becomes larger",
  async (browser) => {
    await using sender = startSender(["test", "--size=1280x720", "--http=0", "--open"]);
    const { url } = await sender.event(({ event }) => event === "http");
    const page = await browser.open(url);
    const screen = (width: number) =>
      page.send("Emulation.setDeviceMetricsOverride", {
        ...{ width, height: width, deviceScaleFactor: 1, mobile: false },
      });
    await page.until(`document.body.dataset.state === "live"`);
    await screen(320);
    await page.until("picture.width === 320");
    await screen(1600);
    await page.until("picture.width === 1280");
  },
);

const lack = Deno.build.os === "linux" ? linkLack() : "network namespaces need Linux";
if (lack !== undefined) skipped(`the page on a slow link: ${lack}`);

browserTest("a page on a slow link gets smaller pictures, and keeps its pace", async (browser) => {
  using link = new Link(2);
  const [command, ...through] = [...link.through, SENDER, "test", "--size=1280x720", "--open"];
  await using sender = new Program(command, [
    ...through,
    ...["--json", `--listen=${link.there}:0`, `--http=${link.there}:0`],
  ]);
  const { url } = await sender.event(({ event }) => event === "http");
  const page = await browser.open(url);
  await page.send("Emulation.setDeviceMetricsOverride", {
    ...{ width: 1600, height: 1000, deviceScaleFactor: 1, mobile: false },
  });
  await page.until("picture.width > 16 && picture.width < 1280");
  // At the size of the source the link carries some five pictures a second.
  await page.until("parseFloat(fps.innerText) > 12");
}, lack !== undefined);
