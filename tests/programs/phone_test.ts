// The compiled sender with a phone: Chromium, whose camera is a test pattern.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { now } from "../../lib/base/clock.ts";
import { sizeOf } from "../../lib/jpeg/markers.ts";
import type { ReceivedSound } from "../../lib/receive/received.ts";
import { receive } from "../../lib/receive/receive.ts";
import { phoneSecretsOf } from "../../lib/security/identity.ts";
import { browserTest, FAKE_CAMERA, type Page } from "../support/chromium.ts";
import { until } from "../support/patience.ts";
import { programTest, SENDER, startSender, TEST_ENV, TEST_KEY } from "../support/programs.ts";

const PHONE = ["phone", "--phone-listen=127.0.0.1:0", "--listen=127.0.0.1:0"];
const SMOOTH = [...FAKE_CAMERA, "--use-fake-device-for-media-stream=fps=30"];

/** Whether an age is that of something just captured, as precisely as a busy machine tells. */
const isOnThisClock = (ageMs: number) => ageMs > -1000 && ageMs < 20_000;

/** Lets a phone be the camera. */
const { token } = await phoneSecretsOf(TEST_KEY);

browserTest(
  "a phone is the camera, stops, starts, and is replaced by another",
  async (browser) => {
    await using sender = startSender([
      ...PHONE,
      "--size=640x480",
      "--fps=30",
      "--name=desk",
      "--no-adapt",
    ]);
    const [{ addresses }, { urls: [url], fingerprint }] = await Promise.all([
      sender.event(({ event }) => event === "listening"),
      sender.event(({ event }) => event === "phone"),
    ]);
    assertMatch(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const port = Number(addresses[0].split(":").at(-1));
    const isLost = (reason: string) => (event: Record<string, unknown>) =>
      event.event === "capture" && event.reason === reason;

    const stranger = await browser.open(`${url}#wrong`);
    await stranger.until(`document.body.dataset.state === "locked"`);
    const page = await browser.open(`${url}#${token}`);
    await page.until(`document.body.dataset.state === "live"`);
    assertEquals(
      await page.evaluate("location.href + document.cookie"),
      url,
      "no trace of the token",
    );
    assertEquals(await page.text("name"), "desk");

    const ages: number[] = [];
    const address = { hostname: "127.0.0.1", port };
    for await (const { frame, capturedAt } of receive(address, { key: TEST_KEY })) {
      assertEquals(sizeOf(frame.jpeg), { width: 640, height: 480 });
      if (capturedAt !== undefined) ages.push(now() - capturedAt);
      if (ages.length === 20) break;
    }
    assert(ages.every(isOnThisClock), `${ages}`);

    await page.evaluate(`document.getElementById("stop").click()`);
    await sender.event(isLost("The phone says: its user has stopped the camera"));
    await page.until(`document.body.dataset.state === "stopped"`);
    await page.evaluate(`document.getElementById("stop").click()`);
    await page.until(`document.body.dataset.state === "live"`);

    const other = await browser.open(`${url}#${token}`);
    await other.until(`document.body.dataset.state === "live"`);
    await page.until(`document.body.dataset.state === "replaced"`);
    await other.send("Page.navigate", { url: "about:blank" });
    await sender.event(isLost("The phone has gone"));
  },
  false,
  SMOOTH,
);

browserTest(
  "a phone comes back by itself when the sender has started again",
  async (browser) => {
    let port = 0;
    let page: Page | undefined;
    for (let start = 0; start < 2; start++) {
      await using sender = startSender([
        ...["phone", `--phone-listen=127.0.0.1:${port}`, "--listen=127.0.0.1:0"],
      ]);
      const { port: taken, urls: [url] } = await sender.event(({ event }) => event === "phone");
      port = taken;
      page ??= await browser.open(`${url}#${token}`);
      await sender.event(({ event, state }) => event === "capture" && state === "live");
    }
    await page!.until(`document.body.dataset.state === "offline"`);
  },
  false,
  FAKE_CAMERA,
);

browserTest(
  "a phone is heard, unless its user mutes it",
  async (browser) => {
    await using sender = startSender([...PHONE, "--sound"]);
    const [{ addresses }, { urls: [url] }] = await Promise.all([
      sender.event(({ event }) => event === "listening"),
      sender.event(({ event }) => event === "phone"),
    ]);
    const page = await browser.open(`${url}#${token}`);
    await page.until(`document.body.dataset.state === "live"`);
    const heard: ReceivedSound[] = [];
    let state: unknown;
    const stop = new AbortController();
    const receiving = (async () => {
      const frames = receive({
        hostname: "127.0.0.1",
        port: Number(addresses[0].split(":").at(-1)),
      }, {
        key: TEST_KEY,
        signal: stop.signal,
        onSound: (sound) => void heard.push(sound),
        onEvent: (event) => {
          if (event.type === "stream") state = event.sound;
        },
      });
      for await (const _ of frames);
    })();
    // The test device beeps once a second.
    await until(() => heard.filter(({ packet }) => packet.level < 60).length >= 10, "a beep");
    assert(heard.every(({ packet }) => packet.durationMs === 10));
    const ages = heard.flatMap(({ capturedAt }) => capturedAt ? [now() - capturedAt] : []);
    assert(ages.length > 0 && ages.every(isOnThisClock), `${ages}`);

    await page.evaluate(`document.getElementById("mute").click()`);
    const reason = "The phone says: its user has muted the microphone";
    const muted = JSON.stringify({ channels: 1, live: false, reason });
    await until(() => JSON.stringify(state) === muted, "the reason of the silence");
    stop.abort();
    await receiving;
  },
  false,
  FAKE_CAMERA,
);

browserTest(
  "a browser that refuses the WebSocket is the camera by requests",
  async (browser) => {
    await using sender = startSender([...PHONE, "--size=320x240"]);
    const [{ addresses }, { urls: [url] }] = await Promise.all([
      sender.event(({ event }) => event === "listening"),
      sender.event(({ event }) => event === "phone"),
    ]);
    const page = await browser.open("about:blank");
    // As Safari does if its user had to accept the certificate.
    const source = `WebSocket = class {
    static OPEN = 1;
    static CLOSED = 3;
    constructor() { setTimeout(() => this.onclose()); }
    close() {}
  }`;
    await page.send("Page.enable");
    await page.send("Page.addScriptToEvaluateOnNewDocument", { source });
    await page.send("Page.navigate", { url: `${url}#${token}` });
    await page.until(`document.body.dataset.state === "live"`);
    let frames = 0;
    const address = { hostname: "127.0.0.1", port: Number(addresses[0].split(":").at(-1)) };
    for await (const { live } of receive(address, { key: TEST_KEY })) {
      if (live && ++frames === 20) break;
    }
    const other = await browser.open(`${url}#${token}`);
    await other.until(`document.body.dataset.state === "live"`);
    await page.until(`document.body.dataset.state === "replaced"`);
  },
  false,
  FAKE_CAMERA,
);

programTest(
  "sender phone shows its token, and refuses what does not apply to a phone",
  async () => {
    const run = async (...args: string[]) => {
      const command = new Deno.Command(SENDER, { args, env: TEST_ENV, stdin: "null" });
      const { code, stdout, stderr } = await command.output();
      return { code, text: new TextDecoder().decode(code === 0 ? stdout : stderr) };
    };
    assertEquals(await run("--show-token", "phone"), { code: 0, text: `${token}\n` });
    const cases: [string[], RegExp][] = [
      [["phone", "--on-demand"], /Cannot use --on-demand with a phone as the SOURCE/],
      [["phone", "--rotate=90"], /Cannot use --rotate with a phone as the SOURCE/],
      [["test", "--phone-listen=0"], /Cannot use --phone-listen: it needs a phone as the SOURCE/],
      [["test", "--tls-cert=a", "--tls-key=b"], /Cannot use --tls-cert without --http/],
    ];
    for (const [args, message] of cases) {
      const { code, text } = await run(...args);
      assertMatch(text, message);
      assertEquals(code, 2);
    }
  },
);
