/**
 * The guard: a shell that ends the children of this program if it is killed.
 *
 * @module
 */

import { startProcess } from "./start_process.ts";

/**
 * Reads `+ PID` and `- PID` from its standard input. At the end of the input, which comes when the
 * program has exited for any reason, it ends the processes that are left: first with SIGTERM, a
 * second later with SIGKILL. It ignores the signals that a terminal sends to the whole group.
 */
const SCRIPT = `
trap '' INT QUIT TERM HUP TSTP
pids=' '
while read -r sign pid; do
  case $sign in
    +) pids="$pids$pid " ;;
    -) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
[ "$pids" = ' ' ] && exit
kill $pids
sleep 1
kill -KILL $pids
`;

let writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
let starting: Promise<void> | undefined;

/**
 * Starts the guard, once, for a program; a library starts no process of its own. An ffmpeg whose
 * source is silent does not notice that this program was killed: it would keep the camera open.
 * Without the permission to run `sh`, and on Windows, there is no guard.
 *
 * @returns resolves when the guard learns of children at the moment they are started: Deno's first
 * write to a pipe is a delayed one
 */
export function startGuard(): Promise<void> {
  return starting ??= start();
}

async function start(): Promise<void> {
  if (Deno.build.os === "windows") return;
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state !== "granted") return;
  try {
    const guard = startProcess("sh", {
      args: ["-c", SCRIPT, "camcat-guard"], // its name in ps
      cwd: "/", // holds no folder of the user's
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    });
    guard.unref();
    writer = guard.stdin.getWriter();
    writer.closed.catch(() => writer = undefined); // it was killed
    await writer.write(new Uint8Array([10]));
  } catch {
    // No descriptor or process is left: this program works without a guard.
  }
}

/** Makes the guard, if it was started, end `pid` when this program is killed. */
export function guard(pid: number): void {
  send(`+ ${pid}\n`);
}

/** Tells the guard that `pid` has exited. */
export function unguard(pid: number): void {
  send(`- ${pid}\n`);
}

function send(line: string): void {
  writer?.write(new TextEncoder().encode(line)).catch(() => {});
}
