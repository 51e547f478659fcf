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

/** The processes that `pid` started, by program name, without the guard. */
export async function childrenOf(pid: number): Promise<Map<number, string>> {
  const output = await new Deno.Command("ps", {
    args: ["-o", "pid=,stat=,comm=", "--ppid", `${pid}`],
  }).output();
  const rows = new TextDecoder().decode(output.stdout).trim().split("\n").filter((row) =>
    row !== ""
  )
    .map((row) => row.trim().split(/\s+/)).filter(([, stat]) => !stat.startsWith("Z"));
  const children = rows.map(([pid, , name]) => [Number(pid), name] as const);
  return new Map(children.filter(([pid]) => !isGuard(pid)));
}

/** Whether a process is the shell that ends the children of a killed program. */
export function isGuard(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("\0camcat-guard\0");
  } catch {
    return false;
  }
}

/** The guard of a program. */
export function guardOf(pid: number): number {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return children.map(Number).find(isGuard)!;
}

/** Whether a process is there, and is more than an entry for its parent to collect. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
