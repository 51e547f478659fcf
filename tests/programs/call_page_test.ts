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
  type Program,
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
    await kitchen.event(
      ({ event, sound_db }) => event === "stats" && sound_db === null,
      kitchen.events.length,
    );
    await page.evaluate(click("stop"));
    await kitchen.event(
      ({ event, fps }) => event === "stats" && fps === 0,
      kitchen.events.length,
    );
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

/** A line of the terminal that has all of these. */
const shows = (...parts: string[]) => (screen: { rows: number; row(row: number): string }) => {
  const text = Array.from({ length: screen.rows }, (_, row) => screen.row(row)).join("");
  return parts.every((part) => text.includes(part));
};

browserTest(
  "a call from a browser rings on the terminal, is refused, accepted and hung up; others are busy",
  async (browser) => {
    const args = ["--listen=127.0.0.1:0", ...PLAIN, HERE, "--no-sound", "--no-announce"];
    await using kitchen = new Pty(CALL, args, { columns: 120, rows: 60 });
    await kitchen.shows(shows("#" + token), "the link");
    const text = Array.from({ length: 60 }, (_, row) => kitchen.screen.row(row)).join("\n");
    const [url] = /http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/.exec(text)!;
    const [, address] = /call (127\.0\.0\.1:\d+)/.exec(text)!;
    const page = await browser.open(url);
    await page.until(state("ready"));
    await ring(page);
    await kitchen.shows(shows("office (127.0.0.1", "calls. Accept? y/n"), "the question");
    assertEquals(await page.evaluate("document.body.dataset.state"), "ringing");
    await kitchen.type("n");
    await page.until(state("over"));
    assertEquals(await page.text("outcome"), "Your call was refused.");

    await ring(page, "garden");
    await kitchen.shows(shows("garden (127.0.0.1"), "a question");
    await kitchen.type("y");
    await page.until(state("live"));
    assertEquals(await page.evaluate(`document.getElementById("mute").hidden`), true); // --no-sound
    const other = await browser.open(url);
    await other.until(state("ready"));
    await ring(other, "attic");
    await other.until(state("over"));
    assertEquals(await other.text("outcome"), "Busy: there is another call.");
    await using third = startCall([address, ...PLAIN, "--no-sound"]);
    assertEquals((await third.event(is("not-accepted"))).outcome, "busy");
    await kitchen.type("q");
    await page.until(state("over"));
    assertEquals(await page.text("outcome"), "kitchen has hung up.");
    await kitchen.shows(shows("the call with garden is over"), "the end");

    await ring(other, "attic");
    await kitchen.shows(shows("attic (127.0.0.1"), "a question");
    await other.evaluate(click("end"));
    await kitchen.shows(shows("You have missed a call of attic"), "the missed call");
    assertEquals(await other.text("outcome"), "You have given up.");
    await kitchen.type("q");
    assertEquals((await kitchen.left()).status, 0);
  },
  false,
  SMOOTH,
);

/** A network between a browser and an end that waits. */
class Wire implements Disposable {
  readonly url: string;
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  #open = new Set<Deno.Conn>();
  #isCut = false;

  constructor(port: number) {
    this.url = `http://127.0.0.1:${this.#listener.addr.port}/`;
    this.#carry(port);
  }

  cut(): void {
    this.#isCut = true;
    for (const connection of this.#open) close(connection);
  }

  mend(): void {
    this.#isCut = false;
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#listener.close();
  }

  async #carry(port: number): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#isCut) {
        close(near);
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      for (const connection of [near, far]) this.#open.add(connection);
      const piping = [near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)];
      for (const pipe of piping) pipe.catch(() => {});
    }
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // it has ended
  }
}

browserTest(
  "a lost connection is waited for at both ends, comes back, or ends the call; a reload hangs up",
  async (browser) => {
    await using kitchen = startCall([...PLAIN, HERE, "--no-sound", "--wait=20s"]);
    const { port } = await kitchen.event(is("page"));
    using wire = new Wire(port);
    const page = await browser.open(`${wire.url}#${token}`);
    await page.until(state("ready"));
    await ring(page);
    await page.until(state("live"));
    wire.cut();
    await page.until(state("lost"));
    await kitchen.event(is("line", { state: "lost" }));
    wire.mend();
    await kitchen.event(is("line", { state: "back" }));
    const from = kitchen.events.length;
    await page.until(state("live"));
    await kitchen.event(({ event, fps }) => event === "stats" && fps > 10, from);

    await page.send("Page.reload");
    assertEquals((await kitchen.event(is("hangup"))).by, "them");
    await page.until(state("ready"));
    assertEquals(await page.evaluate(`document.getElementById("own").value`), "office");
  },
  false,
  SMOOTH,
);

programTest(
  "a killed program is waited for in the browser, and a killed browser by the program",
  async () => {
    await using folder = new Folder();
    await using browser = await Browser.start(folder.path, SMOOTH);
    await using kitchen = startCall([...PLAIN, HERE, "--no-sound", "--wait=1s"]);
    const page = await open(browser, kitchen);
    await ring(page);
    await page.until(state("live"));
    await using otherFolder = new Folder();
    await using other = await Browser.start(otherFolder.path, SMOOTH);
    await using attic = startCall([...PLAIN, HERE, "--no-sound", "--wait=1s"]);
    const otherPage = await open(other, attic);
    await ring(otherPage, "killed");
    await otherPage.until(state("live"));

    kitchen.signal("SIGKILL");
    await page.until(state("over"));
    assertEquals(await page.text("outcome"), "The connection did not come back.");
    other.kill();
    await attic.event(is("line", { state: "lost" }));
    assertEquals((await attic.event(is("hangup"))).by, "lost");
  },
  chromium === undefined,
);

browserTest(
  "without camera and microphone a call goes on, and both users are told",
  async (browser) => {
    await using kitchen = startCall([...PLAIN, HERE, "--no-echo-cancel"], {
      env: { PULSE_SERVER: "unix:/nowhere" },
    });
    const page = await open(browser, kitchen);
    await ring(page, "");
    await kitchen.event(is("accepted", { name: "A browser" }));
    await page.until(state("live"));
    await page.until(`document.getElementById("problem").textContent.includes("your voice")`);
    assertMatch(
      await page.text("problem"),
      /Allow this page to use the camera.* goes on without your picture.*microphone.* your voice/,
    );
    assert(await page.evaluate(`document.getElementById("self").hidden`));
    await page.evaluate(click("end"));
    await kitchen.event(is("hangup", { by: "them" }));

    const { urls: [url] } = await kitchen.event(is("page"));
    const stranger = await browser.open("about:blank");
    await stranger.send("Network.clearBrowserCookies");
    await stranger.send("Page.navigate", { url: `${url}#wrong` });
    await stranger.until(state("locked"));
    assertMatch(await stranger.text("reason"), /Open the link that the other end shows/);
    await kitchen.event(is("refused"));
  },
  false,
  ["--use-fake-device-for-media-stream", "--deny-permission-prompts"],
);

programTest("call --page refuses what does not go together", async () => {
  const cases: [string[], RegExp][] = [
    [["--page", "--listen=9443"], /Cannot use port 9443 for both --listen and --page/],
    [["--http-host=a.example"], /Cannot use --http-host without --page/],
    [["--page", "--tls-cert=a"], /Cannot use --tls-cert without --tls-key/],
    [["127.0.0.1", "--page=9000"], /Cannot use --page with an ADDRESS/],
    [["--page=9443:x"], /Cannot read the address/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await new Deno.Command(CALL, { args, stdin: "null" }).output();
    assertMatch(new TextDecoder().decode(stderr), message);
    assertEquals(code, 2);
  }
});
