/**
 * From splitter to receiver.
 *
 * @module
 */

import { median, quantile, type Row } from "./figures.ts";
import { Program } from "./program.ts";
import { ages, watch } from "./watch.ts";

const FPS = 30;

/**
 * The row. The time begins when the splitter gives a frame out and ends when
 * `receive()` does, in another process. Both read the clock of this machine; that
 * theirs agree is checked by the pings between them.
 */
export const latency: Row = {
  about: `splitter to frame handed out by the receiver, 1280x720@${FPS}`,
  async *run(bench) {
    const clip = await bench.clip("1280x720", FPS);
    const script = new URL("peers/stamper.ts", import.meta.url).pathname;
    await using sender = Program.start(Deno.execPath(), ["run", "-q", "-A", script, clip]);
    const { port } = await sender.next<{ port: number }>("listening");
    const seen = await watch(port, { settleSeconds: 5, seconds: bench.long ? 60 : 20 });
    const ms = ages(seen);
    const [p50, p99, max] = [0.5, 0.99, 1].map((q) => quantile(ms, q));
    const apart = median(seen.flatMap(({ apart }) => apart ?? []));
    yield {
      what: "p50",
      value: `${p50.toFixed(2)} ms`,
      target: "< 0.3 ms",
      met: p50 < 0.3,
    };
    yield { what: "p99", value: `${p99.toFixed(2)} ms`, target: "< 2 ms", met: p99 < 2 };
    yield { what: "max", value: `${max.toFixed(2)} ms of ${ms.length} frames` };
    yield { what: "clocks apart, by ping", value: `${apart.toFixed(3)} ms` };
  },
};
