/**
 * What was measured, kept as data: `bench/results.json`.
 *
 * @module
 */

import type { Figure } from "./figures.ts";
import { versions } from "./packages.ts";

/** The figures of one row as they were last measured. */
export interface Result {
  /** What it measures. */
  about: string;
  /** When that began (ISO 8601). */
  date: string;
  /** How long it took. */
  seconds: number;
  /** On what. */
  machine: Machine;
  /** All its figures. */
  figures: Figure[];
  /** What has to be known about them. */
  notes: string[];
}

/** What figures depend on. */
export interface Machine {
  /** Its processor. */
  processor: string;
  /** How many of them there are. */
  cores: number;
  /** Its memory. */
  gigabytes: number;
  /** The operating system. */
  kernel: string;
  /** The distribution. */
  system: string;
  /** The commit of camcat, with a `+` if files differ from it. */
  camcat: string;
  /** Versions of what takes part, by name. */
  versions: Record<string, string>;
}

/** The rows by name. */
export type Results = Record<string, Result>;

/** Where they are. */
export const RESULTS = new URL("results.json", import.meta.url);

/** All that is kept. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await Deno.readTextFile(RESULTS));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** Keeps one row anew, and the others as they are. */
export async function keep(row: string, result: Result): Promise<void> {
  const results = { ...await readResults(), [row]: result };
  await Deno.writeTextFile(RESULTS, JSON.stringify(results, null, 2) + "\n");
}

/** This machine. */
export function thisMachine(): Machine {
  const read = (path: string) => Deno.readTextFileSync(path);
  const processor = /^(?:model name|Model)\s*:\s*(.+)$/m.exec(read("/proc/cpuinfo"))?.[1];
  return {
    processor: processor ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    gigabytes: Math.round(Deno.systemMemoryInfo().total / 2 ** 30),
    kernel: Deno.osRelease(),
    system: /^PRETTY_NAME="(.+)"$/m.exec(read("/etc/os-release"))?.[1] ?? "Linux",
    camcat: commit(),
    versions: versions(),
  };
}

function commit(): string {
  const git = (...args: string[]) => {
    const cwd = new URL("..", import.meta.url);
    const { stdout } = new Deno.Command("git", { args, cwd, stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  };
  try {
    const isChanged = git("status", "--porcelain", "--", "lib", "sender.ts", "receiver.ts") !== "";
    return git("rev-parse", "--short", "HEAD") + (isChanged ? "+" : "");
  } catch {
    return "unknown";
  }
}
