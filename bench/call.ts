/**
 * A call: how long it takes to ring, and what both directions cost.
 *
 * @module
 */

import { Key } from "../lib/security/key.ts";
import { Display } from "../tests/support/display.ts";
import { Pulse } from "../tests/support/pulse.ts";
import { type Bench, type Figure, figure, type Row } from "./figures.ts";
import { missing } from "./packages.ts";
import { Program } from "./program.ts";
import { cpuMs, monotonicMs, pause } from "./system.ts";

const SIZE = "1280x720";
const FPS = 30;
const TIMES = 7;
const WARM_UP_MS = 20_000;
const WINDOW_MS = 5000;
const WINDOWS = 3;

/** One way to call. */
interface Way {
  /** What is added to the names of its figures. */
  of: string;
  args: string[];
  /** The environment of who waits, and of who calls. */
  env: [Record<string, string>, Record<string, string>];
}

/** The row. Its figures are camcat's own: neither ffmpeg nor a player is counted. */
export const call: Row = {
  about: `a call on this machine, ${SIZE}@${FPS} in both directions`,
  async *run(bench) {
    yield* measure(bench, { of: "", args: ["--no-sound", "--no-display"], env: [{}, {}] });
    const lack = missing(["xvfb", "pulseaudio", "pacat"]);
    if (lack !== undefined) return yield { note: `not measured with windows: ${lack}` };
    await using stack = new AsyncDisposableStack();
    const display = stack.use(await Display.open());
    const sounds = [stack.use(await Pulse.open()), stack.use(await Pulse.open())];
    for (const sound of sounds) sound.play("sine=frequency=440");
    const [waiting, calling] = sounds.map((sound) => ({ ...display.env, ...sound.env }));
    yield* measure(bench, { of: " (sound, windows)", args: [], env: [waiting, calling] });
  },
};

async function* measure(bench: Bench, { of, args, env }: Way): AsyncGenerator<Figure> {
  const clip = await bench.clip(SIZE, FPS);
  const key = Key.random().text;
  const start = (end: 0 | 1, ...more: string[]) =>
    Program.start(`${bench.dist}/call`, [...more, ...args, `--camera=${clip}`, "--json"], {
      CAMCAT_KEY: key,
      ...env[end],
    });
  await using waiting = start(0, "--auto-answer", "--listen=127.0.0.1:0", "--no-announce");
  const { port } = await waiting.next<{ port: number }>("listening");
  const callOnce = () => start(1, `127.0.0.1:${port}`);

  const times: number[] = [];
  for (let count = 0; count < TIMES; count++) {
    await using caller = callOnce();
    const both = Promise.all([caller.next("picture"), waiting.next("picture")]);
    await caller.next("calling");
    const since = performance.now();
    await both;
    times.push(performance.now() - since);
    const over = waiting.next("hangup");
    await caller[Symbol.asyncDispose]();
    await over;
  }
  const ring = ["A call", `both ends${of}`, "ring to both pictures, ms"] as const;
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
  const stats = await Promise.all(
    Object.values(ends).map((end) => end.next<{ fps: number }>("stats")),
  );
  yield figure(
    ["A call", `both ends${of}`, "pictures per second"],
    stats.map(({ fps }) => fps),
    "fps",
    0,
  );
  for (const [name, values] of Object.entries(shares)) {
    yield figure(["A call", name + of, "own CPU, % of a core"], values, "%", 1, { atMost: 6 });
  }
}
