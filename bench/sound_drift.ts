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
/** The target: a machine that is busy makes minutes differ, but a clock makes a trend. */
const LIMIT = { atMost: 30 };
/** So many minutes at either end are compared. */
const ENDS = 5;

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
      const spread = [Math.min(...heard), Math.max(...heard)].map(Math.round).join(" to ");
      const [load] = Deno.loadavg();
      console.log(
        `minute ${minute}: ${delays.at(-1)!.toFixed(1)} ms (${spread}), load ${load.toFixed(1)}`,
      );
    }
    const place = ["From the microphone to the ear, by the minute, ms", "pacat"] as const;
    const [first, last] = [delays.slice(0, ENDS), delays.slice(-ENDS)].map(median);
    yield figure([...place, "median"], delays, "ms", 0);
    yield figure([...place, "trend, an hour"], Math.abs(trend(delays) * 60), "ms", 1, LIMIT);
    yield figure([...place, `last ${ENDS} after first ${ENDS}`], last - first, "ms", 1);
    const furthest = Math.max(...delays.map((delay) => Math.abs(delay - delays[0])));
    yield figure([...place, "furthest from the first"], furthest, "ms", 0, LIMIT);
    yield figure([...place, "sound card fast"], ear.fastPpm, "ppm", 0);
    yield figure([...place, "minutes"], MINUTES, "", 0);
  },
};

/** By how much values grow from one to the next: the median of all pairs' slopes (Theil-Sen). */
function trend(values: number[]): number {
  return median(
    values.flatMap((value, index) =>
      values.slice(0, index).map((before, at) => (value - before) / (index - at))
    ),
  );
}
