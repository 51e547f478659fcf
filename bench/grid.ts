/**
 * What a window with many cameras costs: network, decoding, encoding.
 *
 * @module
 */

import { type Bench, type Figure, figure, type Row } from "./figures.ts";
import { missing } from "./packages.ts";
import { Program } from "./program.ts";
import { Screen } from "./screen.ts";
import { traffic } from "./sockets.ts";
import { childrenOf, cpuMs, monotonicMs, nameOf } from "./system.ts";
import { Folder } from "./undo.ts";

const CAMERAS = 9;
const SIZE = "1280x720";
/** Both ends are on this machine, which can encode all pictures at the lower rate. */
const RATES = [30, 10];
const SETTLE_SECONDS = 8;
const SECONDS = 10;
/** What was hoped for. The tiles have a quarter of the camera's pixels. */
const A_TENTH = { atMost: 0.1 };

/** The row. One sender with all cameras, one receiver with a tile for each, both on this machine. */
export const grid: Row = {
  about: `${CAMERAS} cameras ${SIZE} in one window: network, and CPU time of both ends`,
  async *run(bench) {
    const lack = missing(["xvfb", "ss"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const { dist, distBefore } = bench;
    for (const fps of RATES) {
      const whole = await measure(bench, dist, fps, "--no-adapt");
      if (distBefore) yield* figures("camcat before", fps, await measure(bench, distBefore, fps));
      yield* figures("camcat, --no-adapt", fps, whole);
      yield* figures("camcat", fps, await measure(bench, dist, fps), whole);
    }
  },
};

/** What is measured; processor times in milliseconds a second. */
interface Measured {
  megabits: number;
  fps: number;
  decoders: number;
  receiver: number;
  sender: number;
}

async function measure(
  bench: Bench,
  dist: string,
  rate: number,
  ...options: string[]
): Promise<Measured> {
  const clip = await bench.clip(SIZE, rate);
  using folder = new Folder();
  const files = Array.from({ length: CAMERAS }, (_, index) => `${folder.path}/${index + 1}.avi`);
  for (const file of files) await Deno.symlink(clip, file);
  await using _screen = await Screen.open();
  await using sender = Program.start(`${dist}/sender`, [
    ...[...files, "--loop", "--open", "--listen=127.0.0.1:0", "--json", ...options],
  ]);
  const { port } = await sender.next<{ port: number }>("listening");
  await using receiver = Program.start(`${dist}/receiver`, [
    ...[`127.0.0.1:${port}`, "--open", "--camera", "all", "--json"],
  ]);
  const counted = () => ({
    at: monotonicMs(),
    bytes: traffic(port).there,
    decoders: ffmpegMs(receiver.pid),
    receiver: cpuMs(receiver.pid),
    sender: cpuMs(sender.pid),
  });
  for (let second = 0; second < SETTLE_SECONDS; second++) await receiver.next("stats");
  const before = counted();
  const rates: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    rates.push((await receiver.next<{ fps: number }>("stats")).fps);
  }
  const after = counted();
  const seconds = (after.at - before.at) / 1000;
  const perSecond = (what: Exclude<keyof typeof after, "at">) =>
    (after[what] - before[what]) / seconds;
  return {
    megabits: perSecond("bytes") * 8 / 1e6,
    fps: rates.reduce((sum, rate) => sum + rate) / rates.length,
    decoders: perSecond("decoders"),
    receiver: perSecond("receiver"),
    sender: perSecond("sender"),
  };
}

/** The processor time of the ffmpegs that a process has started and that still run. */
function ffmpegMs(pid: number): number {
  return childrenOf(pid).filter((child) => nameOf(child) === "ffmpeg")
    .reduce((sum, child) => sum + cpuMs(child), 0);
}

function* figures(
  name: string,
  rate: number,
  measured: Measured,
  whole?: Measured,
): Generator<Figure> {
  const table = `${CAMERAS} cameras at ${rate} fps in one window`;
  const { megabits, fps, decoders, receiver, sender } = measured;
  const ofCore = (ms: number) => ms / 10;
  yield figure([table, name, "fps of a tile"], fps, "fps", 1);
  yield figure([table, name, "Mbit/s"], megabits, "Mbit/s", 1);
  yield figure([table, name, "decoders, % of a core"], ofCore(decoders), "%", 0);
  yield figure([table, name, "receiver itself, %"], ofCore(receiver), "%", 0);
  yield figure([table, name, "sender itself, %"], ofCore(sender), "%", 0);
  if (whole === undefined) return;
  const times = (a: number, b: number) => (a / fps) / (b / whole.fps);
  const share = "A picture, in times of --no-adapt";
  const of = `${name}, at ${rate} fps`;
  yield figure([share, of, "network"], times(megabits, whole.megabits), "x", 2, A_TENTH);
  yield figure([share, of, "decoding"], times(decoders, whole.decoders), "x", 2, A_TENTH);
}
