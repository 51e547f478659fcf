/**
 * Where CPU time goes: system calls, wake-ups, code, garbage.
 *
 * @module
 */

import { type Figure, figure, type Row } from "./figures.ts";
import { profileJavaScript } from "./javascript.ts";
import { missing } from "./packages.ts";
import { available, camcat, camcatWhole, lengths, pump, receiver, serve } from "./peers.ts";
import type { Program } from "./program.ts";
import { cpuMs, monotonicMs, pause, switches, threadsMs } from "./system.ts";

const SIZE = "1920x1080";
const FPS = 60;
const WARM_UP_SECONDS = 7;
const SECONDS = 5;

/** System calls by what they are for. */
const CALLS: Record<string, RegExp> = {
  "reads": /^(read|readv|recv|recvfrom|recvmsg)$/,
  "writes": /^(write|writev|send|sendto|sendmsg)$/,
  "waits for events": /^(epoll_p?wait2?|p?poll|p?select6?|clock_nanosleep)$/,
  "futex": /^futex$/,
  "others": /./,
};
/** Of these the time spent in them tells something, unless they wait. */
const COSTLY = ["reads", "writes"];
const WAITING_MS = 1;

/** The row. */
export const profile: Row = {
  about: `where CPU time goes: system calls, wake-ups, code, allocations per frame, ${SIZE}@${FPS}`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    await using stack = new AsyncDisposableStack();
    const programs: Record<string, Program> = {};
    const { here } = available([camcatWhole(bench.dist), camcat(bench.dist), lengths, pump]);
    for (const peer of here) {
      const { server, service } = await serve(peer, { clip, fps: FPS });
      programs[`${peer.name}: sender`] = stack.use(server);
      const viewer = stack.use(receiver(peer, service));
      if (peer.name !== "camcat") programs[`${peer.name}: receiver`] = viewer; // it is one of these
    }
    await pause(WARM_UP_SECONDS * 1000);
    yield* await scheduling(programs);
    const lack = missing(["perf"]) ?? await refusal();
    if (lack !== undefined) yield { note: `system calls and where code runs: ${lack}` };
    else {
      // One after another: what perf costs would disturb the others.
      for (const [name, { pid }] of Object.entries(programs)) yield* await systemCalls(name, pid);
      for (const [name, { pid }] of Object.entries(programs)) {
        if (name.startsWith("camcat")) yield* await places(name, pid);
      }
    }
    await stack.disposeAsync();
    yield* await profileJavaScript(clip, FPS);
  },
};

/** CPU time and context switches per frame, by thread. */
async function scheduling(programs: Record<string, Program>): Promise<Figure[]> {
  const look = () =>
    Object.values(programs).map(({ pid }) => ({
      cpu: cpuMs(pid),
      threads: threadsMs(pid),
      switches: switches(pid),
    }));
  const [before, since] = [look(), monotonicMs()];
  await pause(SECONDS * 1000);
  const [after, frames] = [look(), (monotonicMs() - since) / 1000 * FPS];
  return Object.keys(programs).flatMap((name, index) => {
    const [a, b] = [before[index], after[index]];
    const main = (b.threads[0] - a.threads[0]) / frames;
    const all = (b.cpu - a.cpu) / frames;
    const table = "Per frame";
    return [
      figure([table, name, "CPU ms"], all, "ms", 3),
      figure([table, name, "of it outside the main thread"], Math.max(0, all - main), "ms", 3),
      figure([table, name, "times asleep"], (b.switches - a.switches) / frames, "", 2),
    ];
  });
}

/** Calls per frame, and what reads and writes cost each (perf-trace(1)). */
async function systemCalls(name: string, pid: number): Promise<Figure[]> {
  const seconds = 2;
  const text = await perf("trace", "-s", "-p", `${pid}`, "--", "sleep", `${seconds}`);
  const counts: Record<string, { calls: number; ms: number }> = {};
  for (const [, call, calls, ms] of text.matchAll(/^\s+(\w+)\s+(\d+)\s+\d+\s+([\d.]+)/gm)) {
    const kind = Object.keys(CALLS).find((kind) => CALLS[kind].test(call))!;
    const count = counts[kind] ??= { calls: 0, ms: 0 };
    count.calls += Number(calls);
    count.ms += Number(ms);
  }
  const frames = seconds * FPS;
  return Object.keys(CALLS).flatMap((kind) => {
    const { calls, ms } = counts[kind] ?? { calls: 0, ms: 0 };
    const table = "System calls per frame";
    return [
      figure([table, name, kind], calls / frames, "", 2),
      ...(COSTLY.includes(kind) && ms / calls < WAITING_MS
        ? [figure([table, name, `µs in one of the ${kind}`], ms / calls * 1000, "µs", 0)]
        : []),
    ];
  });
}

/** In which code the time is spent (perf-record(1)). */
async function places(name: string, pid: number): Promise<Figure[]> {
  const file = await Deno.makeTempFile({ prefix: "camcat-bench-" });
  try {
    const record = ["record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", file];
    await perf(...record, "-p", `${pid}`, "--", "sleep", "3");
    const text = await perf("report", "-i", file, "--sort", "dso", "--stdio", "-q");
    const shares: Record<string, number> = {};
    for (const [, percent, object] of text.matchAll(/^\s*([\d.]+)%\s+(.+?)\s*$/gm)) {
      const place = /kernel|\[k\]/.test(object)
        ? "the kernel"
        : /JIT|\/\/anon|perf-\d+\.map/.test(object)
        ? "code that V8 has compiled"
        : /libc|vdso/.test(object)
        ? "libc"
        : "Deno (Rust, V8 and its interpreter)";
      shares[place] = (shares[place] ?? 0) + Number(percent);
    }
    return Object.entries(shares).map(([place, share]) =>
      figure(["Where the CPU is, % of its time", name, place], share, "%", 0)
    );
  } finally {
    await Deno.remove(file);
  }
}

/** Why perf cannot look into other programs here, undefined if it can. */
async function refusal(): Promise<string | undefined> {
  try {
    await perf("trace", "-s", "--", "true");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function perf(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("perf", { args }).output();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot run perf (root can): ${said.trim().split("\n").at(-1)}`);
  return new TextDecoder().decode(stdout) + said; // perf-trace writes to standard error
}
