// The compiled sender under attack: newcomers get in, viewers go on, memory stays, nothing exits.
// Figures are printed; how long things take on a quiet machine is for the benchmark.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import {
  DIST,
  type Event,
  Program,
  programTest,
  startReceiver,
  startSender,
} from "../support/programs.ts";
import { childrenOf } from "../support/processes.ts";

const SMALL = ["test", "--size=320x240"];
const STORM = new URL("../support/storm.py", import.meta.url).pathname;

/** An attack by another program. */
class Storm implements AsyncDisposable {
  #process: Deno.ChildProcess;

  constructor(port: number, kind: string) {
    this.#process = new Deno.Command("python3", {
      args: [STORM, `${port}`, kind],
      stdin: "null",
      stdout: "piped",
    }).spawn();
  }

  /** Waits until it has begun. */
  async begun(): Promise<void> {
    const reader = this.#process.stdout.getReader();
    await reader.read();
    reader.releaseLock();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.stdout.cancel();
    await this.#process.status;
  }
}

function isStream({ event, state }: Event): boolean {
  return event === "connection" && state === "stream";
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) / 1024;
}

/** A viewer connects. @returns after how many milliseconds it is admitted */
async function newcomer(port: number, options: string[]): Promise<number> {
  const since = performance.now();
  await using viewer = startReceiver([`127.0.0.1:${port}`, "--no-display", ...options]);
  await viewer.event(isStream);
  return Math.round(performance.now() - since);
}

const KINDS: [string, string[]][] = [
  ["resets", []],
  ["clear", []],
  ["silent", []],
  ["secure", []],
  ["resets", ["--open"]],
  ["silent", ["--open"]],
  ["pongs", ["--open"]],
];

for (const [kind, options] of KINDS) {
  programTest(`sender ${options} admits viewers of an attacker's address: ${kind}`, async () => {
    await using sender = startSender([...SMALL, ...options]);
    const port = await sender.port();
    await using watching = startReceiver([`127.0.0.1:${port}`, "--no-display", ...options]);
    await watching.event(isStream);
    await using attack = new Storm(port, kind);
    await attack.begun();
    const from = watching.events.length;
    const times = [await newcomer(port, options), await newcomer(port, options)];
    const isFrames = ({ event, fps }: Event) => event === "stats" && fps > 0;
    await watching.event(isFrames, from);
    const rates = watching.events.slice(from).filter(isFrames).map(({ fps }) => Math.round(fps));
    console.log(`${kind} ${options}: newcomers in after ${times} ms, a viewer gets ${rates} fps`);
    assert(!watching.events.some(({ state }) => state === "lost"));
  });
}

programTest("sender needs less than 64 MiB more for 200 hostile connections", async () => {
  await using sender = startSender(SMALL);
  const port = await sender.port();
  await newcomer(port, []);
  const before = memoryOf(sender.pid);
  await using attack = new Storm(port, "held");
  await attack.begun();
  await newcomer(port, []);
  const memory = memoryOf(sender.pid);
  console.log(`200 hostile connections: ${before.toFixed()} to ${memory.toFixed()} MiB`);
  assert(memory < before + 64, `${before} to ${memory} MiB`);
});

programTest("sender without a free descriptor goes on, and recovers", async () => {
  const script = 'ulimit -n 64; exec "$0" "$@"';
  const args = [`${DIST}sender`, "--json", "--listen=127.0.0.1:0", "--open", ...SMALL];
  await using sender = new Program("sh", ["-c", script, ...args]);
  const port = await sender.port();
  const isLive = ({ event, state }: Event) => event === "capture" && state === "live";
  await sender.event(isLive);
  const connections: Deno.TcpConn[] = [];
  for (let count = 0; count < 60; count++) {
    connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  }
  await sender.event(({ event }) => event === "shortage");
  // The capture has to start again while nothing is free for connections.
  const from = sender.events.length;
  const children = await childrenOf(sender.pid);
  const [ffmpeg] = [...children].find(([, name]) => name === "ffmpeg")!;
  Deno.kill(ffmpeg, "SIGKILL");
  await sender.event(({ event, state }) => event === "capture" && state === "lost", from);
  await sender.event(isLive, from);
  for (const connection of connections) connection.close();
  await sender.event(({ event, viewers }) => event === "viewer" && viewers === 0, from);
  await newcomer(port, ["--open"]);
  const shortages = sender.events.filter(({ event }) => event === "shortage").length;
  assertEquals(shortages, 1, "it says so once");
  assertEquals(await sender.stop(), 0);
});
