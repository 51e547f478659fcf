/**
 * What camcat costs on a fast link, where it adapts no picture, beside older programs.
 *
 * @module
 */

import { type Bench, type Figure, figure, ratios, type Row } from "./figures.ts";
import type { CrowdSeen } from "./peers/crowd.ts";
import {
  type CpuPerFrame,
  cpuPerFrame,
  Program,
  startReceiver,
  startSender,
  type Subject,
} from "./program.ts";
import { rssMb } from "./system.ts";
import { asCompiled } from "./watch.ts";

const MODES: [size: string, fps: number][] = [["1280x720", 30], ["1920x1080", 60]];
const MANY = 16;
const WINDOWS = { warmUpSeconds: 30, windows: 8, windowSeconds: 3 };
const [BEFORE, NOW, ADAPTING] = ["before", "now", "now, may adapt"];
/** Unchanged within noise: the windows of one program differ by more. */
const UNCHANGED = { atMost: 1.1 };

/**
 * The row. All run at the same time, on this machine's loopback. Viewers that may adapt watch their
 * link as on a slow one, and get the camera's own bytes.
 */
export const fastLink: Row = {
  about: `CPU per frame and memory on a fast link, beside older programs`,
  async *run(bench) {
    if (bench.distBefore === undefined) {
      return yield { note: "not measured: --dist-before must name a folder of older programs" };
    }
    for (const [size, fps] of MODES) yield* await measure(bench, bench.distBefore, size, fps);
  },
};

async function measure(
  bench: Bench,
  distBefore: string,
  size: string,
  fps: number,
): Promise<Figure[]> {
  const clip = await bench.clip(size, fps);
  await using stack = new AsyncDisposableStack();
  const subjects: Record<string, Subject> = {};
  const add = (name: string, program: Program) => {
    subjects[name] = { program: stack.use(program), fps };
  };
  const one = async (name: string, dist: string, ...options: string[]) => {
    const { sender, port } = await startSender(dist, clip, "--loop");
    add(`sender, ${name}`, sender);
    const receiver = startReceiver(dist, port, ...options);
    add(`receiver, ${name}`, receiver);
    while ((await receiver.next<{ frames: number }>("stats")).frames === 0);
  };
  const many = async (name: string, dist: string) => {
    const { sender, port } = await startSender(dist, clip, "--loop");
    add(`sender, ${MANY} viewers, ${name}`, sender);
    const [program, ...args] = asCompiled("crowd.ts", "127.0.0.1", `${port}`, `${MANY}`);
    const viewers = stack.use(Program.start(program, args));
    while ((await viewers.next<CrowdSeen>("crowd")).frames.includes(0));
  };
  // Older programs first: a new one that starts removes folders that they have not locked.
  await one(BEFORE, distBefore);
  await many(BEFORE, distBefore);
  await one(NOW, bench.dist);
  await one(ADAPTING, bench.dist, "--prefer", "balanced");
  await many(ADAPTING, bench.dist);
  const cpu = await cpuPerFrame(subjects, WINDOWS);
  return figures(`${size}@${fps}`, subjects, cpu);
}

function figures(
  mode: string,
  subjects: Record<string, Subject>,
  cpu: CpuPerFrame<string>,
): Figure[] {
  return Object.keys(subjects).flatMap((name) => {
    const role = name.slice(0, name.lastIndexOf(name.endsWith(ADAPTING) ? ", now" : ", "));
    const before = `${role}, ${BEFORE}`;
    const held = rssMb(subjects[name].program.pid);
    const target = name === before ? undefined : UNCHANGED;
    const table = `On a fast link, ${mode}`;
    const own = [
      figure([table, name, "CPU ms per frame"], cpu[name].ms, "ms", 2),
      figure([table, name, "memory, MB"], held, "MB", 0),
    ];
    if (name === before) return own;
    const times = held / rssMb(subjects[before].program.pid);
    return [
      ...own,
      figure([table, name, "times before"], ratios(cpu[name].ms, cpu[before].ms), "x", 2, target),
      figure([table, name, "memory, times before"], times, "x", 2, target),
    ];
  });
}
