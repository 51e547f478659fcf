/**
 * What the sender's own process costs.
 *
 * @module
 */

import { type Bench, type Figure, median, ratios, type Row, spread } from "./figures.ts";
import { cpuPerFrame, Program, startReceiver, startSender } from "./program.ts";

/** The row. ffmpeg is a process of its own on both sides and is not counted. */
export const senderCpu: Row = {
  about: "CPU time of the sender per frame, one viewer, against a loop in Python",
  async *run(bench) {
    yield* compare(bench, "1280x720", 30);
    yield* compare(bench, "1920x1080", 60);
  },
};

async function* compare(bench: Bench, size: string, fps: number): AsyncGenerator<Figure> {
  const clip = await bench.clip(size, fps);
  await using stack = new AsyncDisposableStack();

  const python = stack.use(Program.peer("sender", clip));
  const { port } = await python.next<{ port: number }>("listening");
  stack.use(Program.peer("drain", port));

  const bare = await startSender(bench.dist, clip, "--loop");
  stack.use(bare.sender);
  stack.use(Program.peer("drain", bare.port));

  const acknowledged = await startSender(bench.dist, clip, "--loop");
  stack.use(acknowledged.sender);
  stack.use(startReceiver(bench.dist, acknowledged.port));

  const cpu = await cpuPerFrame(
    { python, bare: bare.sender, acknowledged: acknowledged.sender },
    { warmUpSeconds: 15, windows: 6, windowSeconds: 5 },
  );
  const what = `${size}@${fps}`;
  yield { what: `${what} python, bare viewer`, value: spread(cpu.python, "ms") };
  yield { what: `${what} camcat, bare viewer`, value: spread(cpu.bare, "ms") };
  yield { what: `${what} camcat, receiver`, value: spread(cpu.acknowledged, "ms") };
  for (const viewer of ["bare", "acknowledged"] as const) {
    const times = ratios(cpu[viewer], cpu.python);
    yield {
      what: `${what} camcat, ${viewer} / python`,
      value: spread(times, "x"),
      target: "<= 1 x",
      met: median(times) <= 1,
    };
  }
}
