/**
 * What the receiver's own process costs.
 *
 * @module
 */

import { type Bench, type Figure, median, ratios, type Row, spread } from "./figures.ts";
import { cpuPerFrame, Program, startReceiver, startSender } from "./program.ts";

/** The row. All watch the same sender at the same time. */
export const receiverCpu: Row = {
  about: "CPU time of the receiver per frame, without a window, against loops in Python",
  async *run(bench) {
    yield* compare(bench, "1280x720", 30);
    yield* compare(bench, "1920x1080", 60);
  },
};

async function* compare(bench: Bench, size: string, fps: number): AsyncGenerator<Figure> {
  const { sender, port } = await startSender(bench.dist, await bench.clip(size, fps), "--loop");
  await using _sender = sender;
  await using camcat = startReceiver(bench.dist, port);
  await using bare = Program.peer("receiver", port, "bare");
  await using acknowledging = Program.peer("receiver", port, "acknowledging");

  const cpu = await cpuPerFrame(
    { camcat, bare, acknowledging },
    { warmUpSeconds: 15, windows: 6, windowSeconds: 5 },
  );
  const what = `${size}@${fps}`;
  yield { what: `${what} python, bare`, value: spread(cpu.bare, "ms") };
  yield { what: `${what} python, acknowledging`, value: spread(cpu.acknowledging, "ms") };
  yield { what: `${what} camcat`, value: spread(cpu.camcat, "ms") };
  for (const peer of ["bare", "acknowledging"] as const) {
    const times = ratios(cpu.camcat, cpu[peer]);
    yield {
      what: `${what} camcat / python, ${peer}`,
      value: spread(times, "x"),
      target: "<= 2 x",
      met: median(times) <= 2,
    };
  }
}
