/**
 * Processes, as Linux shows them.
 *
 * @module
 */

import { skipped } from "./skipped.ts";

const isLinux = Deno.build.os === "linux";
if (!isLinux) skipped("processes, terminals and windows are tested on Linux only");

/** A test that looks at processes and windows in ways that only Linux has. */
export function testOnLinux(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !isLinux, fn });
}

/** The processes that `pid` started, by program name. */
export async function childrenOf(pid: number): Promise<Map<number, string>> {
  const output = await new Deno.Command("ps", {
    args: ["-o", "pid=,stat=,comm=", "--ppid", `${pid}`],
  }).output();
  const rows = new TextDecoder().decode(output.stdout).trim().split("\n").filter((row) =>
    row !== ""
  )
    .map((row) => row.trim().split(/\s+/)).filter(([, stat]) => !stat.startsWith("Z"));
  return new Map(rows.map(([pid, , name]) => [Number(pid), name]));
}

/** Whether a process is there, and is more than an entry for its parent to collect. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
