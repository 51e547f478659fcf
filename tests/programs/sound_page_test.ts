// The sound of the sender in a browser, and for other programs over HTTP.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { httpSecretsOf } from "../../lib/security/identity.ts";
import { browserTest } from "../support/chromium.ts";
import { programTest, startSender, TEST_KEY } from "../support/programs.ts";

/** A name makes it a page of which the browser does not think that it is secure. */
const NAME = "door.test";
const BROWSER = [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`];

/** Keeps what plays the page's sound, which is not in the page itself. */
const SPY = `
  globalThis.contexts = [];
  const AudioContextOfBrowser = AudioContext;
  globalThis.AudioContext = class extends AudioContextOfBrowser {
    constructor(options) {
      super(options);
      contexts.push(this);
    }
  };`;

browserTest(
  "the page plays the sound when asked to, on plain http",
  async (browser) => {
    await using sender = startSender([
      ...["test", "--size=320x180", "--sound", "--http=0", `--http-host=${NAME}`],
    ]);
    const { port } = await sender.event(({ event }) => event === "http");
    const page = await browser.open(`http://${NAME}:${port}/#${TEST_KEY.text}`);
    await page.until(`document.body.dataset.state === "live"`);
    assertEquals(await page.evaluate("isSecureContext"), false);
    await page.until(`!document.getElementById("sound").hidden`);
    await page.evaluate(SPY);
    assertEquals(await page.evaluate("contexts.length"), 0);
    assertEquals(await page.evaluate(`document.getElementById("loudness").hidden`), true);
    await page.press("m"); // as a user does: browsers let no sound begin by itself
    await page.until(`contexts[0]?.currentTime > 1.5`);
    // The ticks are decoded: the meter moves, and is silent between them.
    await page.until(`document.getElementById("loudness").value > 0.4`);
    await page.until(`document.getElementById("loudness").value < 0.2`);
    await sender.event(({ event, sound }) => event === "stats" && sound?.listeners === 1);
    await page.press("m");
    await sender.event(
      ({ event, sound }) => event === "stats" && sound?.listeners === 0,
      sender.events.length,
    );
    assertEquals(await page.evaluate("contexts.map(({ state }) => state)"), ["closed"]);
  },
  false,
  BROWSER,
);

programTest("/sound.webm is Opus that ffmpeg can decode; without sound there is none", async () => {
  const auth = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  await using sender = startSender(["test", "--size=64x48", "--sound", "--http=0"]);
  const { port } = await sender.event(({ event }) => event === "http");
  const secret = (await httpSecretsOf(TEST_KEY)).token;
  const url = `http://127.0.0.1:${port}/sound.webm`;
  const refused = await fetch(url);
  await refused.body?.cancel();
  assertEquals(refused.status, 401);
  await sender.event(({ event, sound }) => event === "stats" && sound?.live);
  const response = await fetch(url, auth(secret));
  assertEquals(response.headers.get("content-type"), "audio/webm; codecs=opus");
  await response.body?.cancel();
  const decoder = new Deno.Command("ffmpeg", {
    args: [
      ...[
        "-hide_banner",
        "-headers",
        `Authorization: Bearer ${secret}\r\n`,
        "-t",
        "2.2",
        "-i",
        url,
      ],
      ...["-af", "volumedetect", "-f", "null", "-"],
    ],
    stdin: "null",
  });
  const { success, stderr } = await decoder.output();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);
  const peak = Number(/max_volume: (-?[\d.]+) dB/.exec(said)?.[1]);
  assert(peak > -16 && peak < -8, `a peak of ${peak} dB instead of -12`);
  const figures = await (await fetch(url.replace("sound.webm", "status.json"), auth(secret)))
    .json();
  assertEquals(figures.cameras[0].sound.live, true);
  assert(figures.cameras[0].sound.packets > 100);

  await using mute = startSender(["test", "--size=64x48", "--http=0"]);
  const other = await mute.event(({ event }) => event === "http");
  const missing = await fetch(`http://127.0.0.1:${other.port}/sound.webm`, auth(secret));
  assertEquals(missing.status, 404);
  assertEquals(await missing.text(), "test has no sound: the sender sends it with --sound\n");
});
