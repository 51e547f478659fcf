/**
 * CPU time, memory and children of a process, and the clock that all processes share.
 *
 * @module
 */

const CLOCK_MONOTONIC = 1;

// The ticks in /proc/PID/stat are 10 ms long, as much as a second of sending
// costs; the CPU clock of a process (clock_getcpuclockid(3)) counts nanoseconds.
const libc = Deno.dlopen("libc.so.6", {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
});
const timespec = new BigInt64Array(2);

function clockMs(clock: number): number {
  if (libc.symbols.clock_gettime(clock, timespec) !== 0) return NaN;
  return Number(timespec[0]) * 1000 + Number(timespec[1]) / 1e6;
}

/** The clock that never jumps, the same in every process (Python's `time.monotonic()`). */
export function monotonicMs(): number {
  return clockMs(CLOCK_MONOTONIC);
}

/** The CPU time a process has used in all its threads, its children left out. */
export function cpuMs(pid: number): number {
  const ms = clockMs(~pid << 3 | 2);
  if (Number.isNaN(ms)) throw new Error(`Cannot tell the CPU time of process ${pid}: it has ended`);
  return ms;
}

/** The CPU time of each of its threads, the main one first. */
export function threadsMs(pid: number): number[] {
  return tasks(pid).map((task) => {
    const [ns] = Deno.readTextFileSync(`${task}/schedstat`).split(" ");
    return Number(ns) / 1e6;
  });
}

/** How often a process has gone to sleep, all its threads together. */
export function switches(pid: number): number {
  return tasks(pid).reduce((sum, task) => {
    const status = Deno.readTextFileSync(`${task}/status`);
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
  }, 0);
}

function tasks(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)]
    .map(({ name }) => Number(name))
    .toSorted((a, b) => a - b)
    .map((task) => `/proc/${pid}/task/${task}`);
}

/** The memory of a process that is in RAM, in megabytes. */
export function rssMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024 / 1e6;
}

/** The processes that a process has started and that are still there. */
export function childrenOf(pid: number): number[] {
  return tasks(pid).flatMap((task) => {
    const children = Deno.readTextFileSync(`${task}/children`);
    return children.split(" ").filter(Boolean).map(Number);
  });
}

/** What a process is called. */
export function nameOf(pid: number): string {
  return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
}

/** How many descriptors a process has open. */
export function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Resolves after `ms`: the length of an experiment, never a guess that something is ready. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The CPU time that the running children of a process have used, in milliseconds. */
export function childrenMs(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter((child) => child !== "").reduce((sum, child) => {
    const ms = clockMs(~Number(child) << 3 | 2);
    return sum + (Number.isNaN(ms) ? 0 : ms);
  }, 0);
}
