/**
 * Whether sound gets later in an hour, when the sound card's clock is not the sender's.
 *
 * @module
 */

import { Pulse } from "../tests/support/pulse.ts";
import { figure, median, type Row } from "./figures.ts";
import { missing } from "./packages.ts";
import { Program, startSenderWith } from "./program.ts";
import { CLICKS, Ear } from "./sound_ear.ts";
import { pause } from "./system.ts";

const MINUTES = Number(Deno.env.get("MINUTES") ?? 60);
/** Without a correction an hour would make 0.7 s of it. */
const SPEED = 1.0002;
const SETTLE_SECONDS = 10;

/** The row. Minute by minute, so that a run that was stopped says something too. */
export const soundDrift: Row = {
  about: `microphone to ear in ${MINUTES} minutes (MINUTES), a sound card 200 ppm fast`,
  long: true,
  async *run({ dist }) {
    const lack = missing(["pulseaudio", "pacat", "faketime"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    await using stack = new AsyncDisposableStack();
    const mic = stack.use(await Pulse.open());
    const speaker = stack.use(await Pulse.open(SPEED));
    const source = ["test", "--size=640x360", "--fps=15", "--sound=mic.monitor", "--no-announce"];
    const { sender, port } = await startSenderWith(mic.env, dist, ...source, "--open");
    stack.use(sender);
    const receiver = stack.use(Program.start(`${dist}/receiver`, [
      ...[`127.0.0.1:${port}`, "--open", "--json", "--no-display", "--sound"],
    ], speaker.env));
    await receiver.unlessEnded(pause(SETTLE_SECONDS * 1000));
    mic.play(CLICKS);
    const ear = stack.use(new Ear(speaker, mic));
    const delays: number[] = [];
    for (let minute = 1; minute <= MINUTES; minute++) {
      const since = performance.now() + 1000;
      await receiver.unlessEnded(pause(60_000));
      const heard = ear.heard().filter(({ at }) => at > since).map(({ delayMs }) => delayMs);
      delays.push(median(heard));
      console.log(`minute ${minute}: ${delays.at(-1)!.toFixed(1)} ms`);
    }
    const place = ["From the microphone to the ear, by the minute, ms", "pacat"] as const;
    yield figure([...place, "median"], delays, "ms", 0);
    const spread = Math.max(...delays) - Math.min(...delays);
    yield figure([...place, "between any two minutes"], spread, "ms", 0, { atMost: 30 });
    yield figure([...place, "minutes"], MINUTES, "", 0);
  },
};
