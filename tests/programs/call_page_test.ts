// Calls from a browser: Chromium, whose camera is a test pattern and whose microphone beeps once a
// second, with a sound card of its own.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch } from "@std/assert";
import { callSecretsOf } from "../../lib/security/identity.ts";
import { Browser, browserTest, chromium, FAKE_CAMERA, type Page } from "../support/chromium.ts";
import { Folder } from "../support/folder.ts";
import { until } from "../support/patience.ts";
import {
  CALL,
  type Event,
  Program,
  programTest,
  startCall,
  TEST_KEY,
} from "../support/programs.ts";
import { Pty } from "../support/pty.ts";
import { hearsTone, Pulse } from "../support/pulse.ts";

const SMOOTH = [...FAKE_CAMERA, "--use-fake-device-for-media-stream=fps=30"];
const PLAIN = ["--camera=test", "--size=320x240", "--no-display", "--name=kitchen"];
const HERE = "--page=localhost:0";

/** Lets a browser call. */
const { token } = await callSecretsOf(TEST_KEY);

const is = (name: string, fields: Partial<Event> = {}) => (event: Event) =>
  event.event === name &&
  Object.entries(fields).every(([field, value]) => event[field] === value);
const state = (name: string) => `document.body.dataset.state === "${name}"`;
const click = (id: string) => `document.getElementById("${id}").click()`;

/** Opens the page of an end that waits. */
async function open(browser: Browser, call: Program): Promise<Page> {
  const { urls: [url] } = await call.event(is("page"));
  const page = await browser.open(`${url}#${token}`);
  await page.until(state("ready"));
  return page;
}

async function ring(page: Page, name = "office"): Promise<void> {
  await page.evaluate(`document.getElementById("own").value = "${name}"`);
  // A click of the user: browsers let no sound begin without.
  await page.send("Runtime.evaluate", { expression: click("ring"), userGesture: true });
}

programTest(
  "a browser calls: both ends see and hear each other, and either hangs up",
  async () => {
    await using kitchenSound = await Pulse.open();
    await using officeSound = await Pulse.open();
    kitchenSound.play("sine=frequency=440");
    await using folder = new Folder();
    await using browser = await Browser.start(folder.path, SMOOTH, officeSound.env);
    await using kitchen = startCall([...PLAIN, "--page=127.0.0.1:0", "--no-echo-cancel"], {
      env: kitchenSound.env,
    });
    const page = await open(browser, kitchen);
    assertEquals(
      await page.evaluate("location.hash + document.cookie"),
      "",
      "no trace of the token",
    );
    assertEquals((await kitchenSound.pactl("list", "short", "source-outputs")).trim(), "");
    await ring(page);
    await kitchen.event(is("accepted", { name: "office" }));
    await page.until(state("live"));
    assertEquals(await page.text("name"), "kitchen");
    await kitchen.event((event) => event.event === "stats" && event.fps > 10);
    await page.until(`Number(document.getElementById("fps").textContent) > 10`);
    await hearsTone(officeSound, 440);
    await hearsBeep(kitchenSound);

    await page.evaluate(click("mute"));
    await kitchen.event(({ event, reason }) =>
      event === "sound" && reason === "its user has muted the microphone"
    );
    await page.evaluate(click("stop"));
    await kitchen.event(is("stream", { live: false, reason: "its user has stopped the camera" }));
    await page.evaluate(click("end"));
    assertEquals((await kitchen.event(is("hangup"))).by, "them");
    await page.until(state("over"));
    assertEquals(await page.text("outcome"), "You have hung up.");
    const quiet = async (pulse: Pulse, what: string) =>
      (await pulse.pactl("list", "short", what)).trim() === "";
    await until(() => quiet(kitchenSound, "source-outputs"), "a closed microphone");
    await until(() => quiet(officeSound, "sink-inputs"), "silence in the browser");

    await ring(page);
    await page.until(state("live"));
    assertEquals(await kitchen.stop(), 0);
    await page.until(state("over"));
    assertEquals(await page.text("outcome"), "kitchen has hung up.");
  },
  chromium === undefined,
);

/** Resolves when something is heard that comes and goes. */
async function hearsBeep(pulse: Pulse): Promise<void> {
  let loud = 0;
  for await (const heard of pulse.hear()) {
    const peak = heard.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    if (peak > 0.02) loud++;
    else if (loud > 0) return;
  }
}
