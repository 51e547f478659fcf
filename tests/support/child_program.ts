// A program for tests of processes: does what its first argument says, and prints JSON lines.

import { Child } from "../../lib/program/child.ts";
import { confine } from "../../lib/program/confine.ts";
import { FfmpegStream } from "../../lib/program/ffmpeg_stream.ts";

const [what, ...args] = Deno.args;

function report(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** The lines of a child, or why it could not be started. */
async function run(program: string, args: string[]): Promise<unknown> {
  const lines: string[] = [];
  try {
    const child = Child.spawn(program, args, {
      stdout: "lines",
      env: { GIVEN: "yes" },
      onLine: (line) => lines.push(line),
    });
    const { code } = await child.status;
    return { code, lines };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

switch (what) {
  case "hold": { // a child and a folder until it is killed
    await confine();
    const child = Child.spawn(args[0], args.slice(1));
    const stream = FfmpegStream.open();
    report({ pid: child.process.pid, url: stream.url });
    await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
    break;
  }
  case "folder": { // a folder, until it is asked to end
    const stream = FfmpegStream.open();
    report({ url: stream.url });
    await Deno.stdin.read(new Uint8Array(1));
    if (args[0] === "exit") Deno.exit(3);
    stream[Symbol.dispose]();
    break;
  }
  case "run": // one program
    report(await run(args[0], args.slice(1)));
    break;
  case "confined": // programs, one argument each, after permissions were given up
    await confine();
    for (const command of args) {
      const [program, ...rest] = command.split(" ");
      report(await run(program, rest));
    }
    break;
  default:
    throw new Error(`Cannot do ${what}`);
}
Deno.exit(0);
