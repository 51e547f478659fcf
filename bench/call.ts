/**
 * A call: how long it takes to ring, and what both directions cost.
 *
 * @module
 */

import { Key } from "../lib/security/key.ts";
import { figure, type Row } from "./figures.ts";
import { Program } from "./program.ts";
import { cpuMs, monotonicMs, pause } from "./system.ts";

const SIZE = "1280x720";
const FPS = 30;
const TIMES = 5;
const WARM_UP_MS = 20_000;
const WINDOW_MS = 5000;
const WINDOWS = 3;

/** The row. Neither end shows or plays anything: players are programs of others. */
export const call: Row = {
  about: `a call on this machine, ${SIZE}@${FPS} in both directions`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    const key = Key.random().text;
    const media = [`--camera=${clip}`, "--no-sound", "--no-display", "--json"];
    const start = (...args: string[]) =>
      Program.start(`${bench.dist}/call`, [...args, ...media], { CAMCAT_KEY: key });
    await using waiting = start("--auto-answer", "--listen=127.0.0.1:0");
    const { port } = await waiting.next<{ port: number }>("listening");
    const callOnce = () => start(`127.0.0.1:${port}`);

    const times: number[] = [];
    for (let count = 0; count < TIMES; count++) {
      await using caller = callOnce();
      await caller.next("calling");
      const since = performance.now();
      await Promise.all([caller.next("picture"), waiting.next("picture")]);
      times.push(performance.now() - since);
      const over = waiting.next("hangup");
      await caller[Symbol.asyncDispose]();
      await over;
    }
    const ring = ["A call", "both ends", "ring to both pictures, ms"] as const;
    yield figure([...ring], times, "ms", 0, { atMost: 1500 });

    await using caller = callOnce();
    await Promise.all([caller.next("picture"), waiting.next("picture")]);
    await pause(WARM_UP_MS);
    const ends = { "who waits": waiting, "who calls": caller };
    const shares: Record<string, number[]> = { "who waits": [], "who calls": [] };
    for (let window = 0; window < WINDOWS; window++) {
      const since = monotonicMs();
      const before = Object.values(ends).map(({ pid }) => cpuMs(pid));
      await pause(WINDOW_MS);
      Object.entries(ends).forEach(([name, { pid }], index) =>
        shares[name].push(100 * (cpuMs(pid) - before[index]) / (monotonicMs() - since))
      );
    }
    for (const [name, values] of Object.entries(shares)) {
      yield figure(["A call", name, "own CPU, % of a core"], values, "%", 1, { atMost: 6 });
    }
  },
};
