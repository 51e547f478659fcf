/**
 * What the programs do in JavaScript: run from source, because V8 profiles no compiled program.
 *
 * @module
 */

import { Child } from "../lib/program/child.ts";
import { V8_FLAGS } from "../tools/v8_flags.ts";
import { type Figure, figure } from "./figures.ts";
import { freePort, listening } from "./sockets.ts";
import { pause } from "./system.ts";
import { Folder } from "./undo.ts";

const WARM_UP_SECONDS = 15;
const SECONDS = 10;
const SAMPLE_EVERY_US = 250;
/** How many functions are named. */
const NAMED = 10;

/** Profiles sender and receiver. */
export async function profileJavaScript(clip: string, fps: number): Promise<Figure[]> {
  using folder = new Folder();
  const port = freePort();
  const address = `127.0.0.1:${port}`;
  const run = (name: string, ...args: string[]) => {
    // deno-fmt-ignore
    return Child.spawn(Deno.execPath(), [
      "run", "-q", "-A", `--cpu-prof-dir=${folder.path}`, `--cpu-prof-name=${name}.cpuprofile`,
      `--cpu-prof-interval=${SAMPLE_EVERY_US}`, `${V8_FLAGS},--trace-gc`,
      new URL(`../${name}.ts`, import.meta.url).pathname, ...args, "--open", "--json",
    ], { stdout: "piped" });
  };
  await using sender = run("sender", clip, "--loop", `--listen=${address}`);
  await Promise.race([listening(port), sender.status]);
  await using receiver = run("receiver", address, "--no-display");
  const said = [sender, receiver].map(({ process }) => new Response(process.stdout).text());
  await pause((WARM_UP_SECONDS + SECONDS) * 1000);
  const figures: Figure[] = [];
  for (const [index, name] of ["receiver", "sender"].entries()) {
    const child = [receiver, sender][index];
    child.process.kill("SIGINT"); // an orderly end: the profile is written then
    await child.status;
    const text = await Deno.readTextFile(`${folder.path}/${name}.cpuprofile`);
    figures.push(...functions(name, JSON.parse(text), fps));
  }
  for (const [index, name] of ["sender", "receiver"].entries()) {
    figures.push(...heap(name, await said[index], fps));
  }
  return figures;
}

/** What V8 writes: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds between samples. */
  timeDeltas: number[];
  endTime: number;
}

/** The functions that take the most time by themselves. */
function functions(program: string, profile: CpuProfile, fps: number): Figure[] {
  const end = profile.timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const since = end - SECONDS * 1e6;
  const names = new Map(profile.nodes.map(({ id, callFrame: { functionName, url } }) => {
    const file = url.split("/").at(-1)!.replace(/^$/, "V8");
    return [id, `${functionName || "(anonymous)"} (${file})`];
  }));
  const own = new Map<string, number>();
  let at = 0;
  for (const [index, node] of profile.samples.entries()) {
    at += profile.timeDeltas[index];
    if (at < since) continue;
    const name = names.get(node)!;
    own.set(name, (own.get(name) ?? 0) + (profile.timeDeltas[index + 1] ?? 0));
  }
  own.delete("(idle) (V8)");
  const frames = SECONDS * fps;
  return [...own].toSorted((a, b) => b[1] - a[1]).slice(0, NAMED).map(([name, us]) =>
    figure([`JavaScript of the ${program}`, name, "µs per frame"], us / frames, "µs", 1)
  );
}

/** What is allocated, by what the garbage collector finds (`--trace-gc`). */
function heap(program: string, said: string, fps: number): Figure[] {
  const line =
    /(\d+) ms: (\S+)[^\n]*? ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB[^\n]*? ([\d.]+) \//g;
  const runs = [...said.matchAll(line)]
    .map(([, at, , before, after, pause]) => [at, before, after, pause].map(Number))
    .filter(([at]) => at > 1000 * WARM_UP_SECONDS / 2);
  if (runs.length < 2) return [];
  let [bytes, paused] = [0, 0];
  for (const [index, [, before, , pause]] of runs.entries()) {
    if (index === 0) continue;
    bytes += (before - runs[index - 1][2]) * 1e6;
    paused += pause;
  }
  const frames = (runs.at(-1)![0] - runs[0][0]) / 1000 * fps;
  const table = "Garbage";
  return [
    figure([table, program, "allocated on V8's heap, bytes per frame"], bytes / frames, "", 0),
    figure([table, program, "collector, µs per frame"], paused / frames * 1000, "µs", 1),
    figure([table, program, "frames from run to run"], frames / (runs.length - 1), "", 0),
  ];
}
