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
const FPS = 30;
const SETTLE_SECONDS = 8;
const SECONDS = 10;
/** What was hoped for. The tiles have a quarter of the camera's pixels. */
const A_TENTH = { atMost: 0.1 };

/** The row. One sender with all cameras, one receiver with a tile for each, both on this machine. */
export const grid: Row = {
  about:
    `${CAMERAS} cameras ${SIZE}@${FPS} in one window: network, and processor time of both ends`,
  async *run(bench) {
    const lack = missing(["xvfb", "ss"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const { dist, distBefore } = bench;
    const sharp = await measure(bench, dist, "--prefer", "sharp");
    if (distBefore) yield* figures("camcat before", await measure(bench, distBefore));
    yield* figures("camcat, --prefer sharp", sharp);
    yield* figures("camcat", await measure(bench, dist), sharp);
  },
};

/** What is measured; processor times in milliseconds a second. */
interface Measured {
  megabits: number;
  fps: number;
  decoders: number;
  receiver: number;
  sender: number;
  encoders: number;
}

async function measure(bench: Bench, dist: string, ...options: string[]): Promise<Measured> {
  const clip = await bench.clip(SIZE, FPS);
  using folder = new Folder();
  const files = Array.from({ length: CAMERAS }, (_, index) => `${folder.path}/${index + 1}.avi`);
  for (const file of files) await Deno.symlink(clip, file);
  await using _screen = await Screen.open();
  await using sender = Program.start(`${dist}/sender`, [
    ...[...files, "--loop", "--open", "--listen=127.0.0.1:0", "--json"],
  ]);
  const { port } = await sender.next<{ port: number }>("listening");
  await using receiver = Program.start(`${dist}/receiver`, [
    ...[`127.0.0.1:${port}`, "--open", "--camera", "all", "--json", ...options],
  ]);
  const counted = () => ({
    at: monotonicMs(),
    bytes: traffic(port).there,
    decoders: ffmpegMs(receiver.pid),
    receiver: cpuMs(receiver.pid),
    sender: cpuMs(sender.pid),
    encoders: ffmpegMs(sender.pid),
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
    encoders: perSecond("encoders"),
  };
}

/** The processor time of the ffmpegs that a process has started and that still run. */
function ffmpegMs(pid: number): number {
  return childrenOf(pid).filter((child) => nameOf(child) === "ffmpeg")
    .reduce((sum, child) => sum + cpuMs(child), 0);
}

function* figures(name: string, measured: Measured, sharp?: Measured): Generator<Figure> {
  const table = `${CAMERAS} cameras in one window`;
  const { megabits, fps, decoders, receiver, sender, encoders } = measured;
  const ofCore = (ms: number) => ms / 10;
  yield figure([table, name, "fps of a tile"], fps, "fps", 1);
  yield figure([table, name, "Mbit/s"], megabits, "Mbit/s", 1);
  yield figure([table, name, "decoders, % of a core"], ofCore(decoders), "%", 0);
  yield figure([table, name, "receiver itself, %"], ofCore(receiver), "%", 0);
  yield figure([table, name, "sender itself, %"], ofCore(sender), "%", 0);
  yield figure([table, name, "capture and encoders, %"], ofCore(encoders), "%", 0);
  if (sharp === undefined) return;
  const times = (a: number, b: number) => (a / fps) / (b / sharp.fps);
  const share = "of --prefer sharp, per picture";
  yield figure([share, name, "network"], times(megabits, sharp.megabits), "x", 2, A_TENTH);
  yield figure([share, name, "decoding"], times(decoders, sharp.decoders), "x", 2, A_TENTH);
}
