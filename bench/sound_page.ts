/**
 * From the microphone to the ear, by the page in a browser.
 *
 * @module
 */

import { Browser, chromium } from "../tests/support/chromium.ts";
import { Pulse } from "../tests/support/pulse.ts";
import { figure, type Row } from "./figures.ts";
import { missing } from "./packages.ts";
import { Program } from "./program.ts";
import { CLICKS, Ear } from "./sound_ear.ts";
import { pause } from "./system.ts";
import { Folder } from "./undo.ts";

const SETTLE_SECONDS = 20;
const SECONDS = 20;
/** With this name the page is one of which a browser does not think that it is secure. */
const NAME = "door.test";
const TABLE = "From the microphone to the ear by the page, ms";

/** The row: what is played to one null sink is heard at another. */
export const soundPage: Row = {
  about: "from the microphone to the ear by the page in Chromium, over plain http, 640x360@15",
  async *run({ dist }) {
    const lack = chromium === undefined ? "chromium is missing" : missing(["pulseaudio"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    await using stack = new AsyncDisposableStack();
    const pulse = stack.use(await Pulse.open());
    const folder = stack.use(new Folder());
    const sender = stack.use(Program.start(`${dist}/sender`, [
      ...["test", "--size=640x360", "--fps=15", "--sound=mic.monitor", "--open", "--no-announce"],
      ...["--listen=127.0.0.1:0", "--http=127.0.0.1:0", `--http-host=${NAME}`, "--json"],
    ], pulse.env));
    const { port } = await sender.next<{ port: number }>("http");
    const args = [`--host-resolver-rules=MAP ${NAME} 127.0.0.1`];
    const browser = stack.use(await Browser.start(folder.path, args, pulse.env));
    const page = await browser.open(`http://${NAME}:${port}/`);
    await page.until(`!document.getElementById("sound").hidden`);
    await page.press("m");
    pulse.play(CLICKS);
    await sender.unlessEnded(pause(SETTLE_SECONDS * 1000));
    const ear = stack.use(new Ear(pulse));
    await sender.unlessEnded(pause(SECONDS * 1000));
    const heard = ear.delays().slice(2);
    yield figure([TABLE, "Chromium", "clicks"], heard, "ms", 0);
    yield figure([TABLE, "Chromium", "clicks heard"], heard.length, "", 0);
  },
};
