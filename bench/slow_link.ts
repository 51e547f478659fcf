/**
 * Links that carry little, and links that are long.
 *
 * @module
 */

import { type Bench, type Figure, quantile, type Row } from "./figures.ts";
import { Program, startSender } from "./program.ts";
import { Undo } from "./undo.ts";
import { ages, agesAtEnd, intervalMs, watch } from "./watch.ts";

const MEGABITS = 2;
const ROUND_TRIP_MS = 100;

/** The row. Ages are told in transmission times: the mean time from one frame to the next. */
export const slowLink: Row = {
  about:
    `1280x720@30 over a link of ${MEGABITS} Mbit/s, and over ${ROUND_TRIP_MS} ms of round trip`,
  async *run(bench) {
    yield* narrow(bench);
    yield* long(bench);
  },
};

async function* narrow(bench: Bench): AsyncGenerator<Figure> {
  const what = `${MEGABITS} Mbit/s`;
  if (Deno.uid() !== 0) {
    yield { what, value: "SKIPPED: network namespaces need root" };
    return;
  }
  using link = new Link(MEGABITS);
  const clip = await bench.clip("1280x720", 30);
  await using sender = Program.start(`${bench.dist}/sender`, [
    ...[clip, "--loop", "--json", `--listen=${link.here}:0`],
  ]);
  const { port } = await sender.next<{ port: number }>("listening");
  const seen = await watch(port, {
    hostname: link.here,
    through: ["ip", "netns", "exec", link.namespace],
    settleSeconds: 5,
    seconds: bench.long ? 60 : 20,
  });
  const transmission = intervalMs(seen);
  const times = (ms: number) => `${(ms / transmission).toFixed(2)} x`;
  const both = (ms: number[]) => `${times(quantile(ms, 0.5))} (${times(quantile(ms, 0.99))})`;
  const end = quantile(agesAtEnd(seen), 0.5);
  yield {
    what: `${what}, frames`,
    value: `${(1000 / transmission).toFixed(1)} fps, ${transmission.toFixed(0)} ms each`,
  };
  yield { what: `${what}, age when shown, p50 (p99)`, value: both(ages(seen)) };
  yield {
    what: `${what}, age when replaced, p50 (p99)`,
    value: both(agesAtEnd(seen)),
    target: "<= 2.2 x",
    met: end <= 2.2 * transmission,
  };
}

async function* long(bench: Bench): AsyncGenerator<Figure> {
  const clip = await bench.clip("1280x720", 30);
  const { sender, port } = await startSender(bench.dist, clip, "--loop");
  await using _sender = sender;
  await using delay = Program.peer("delay", port, ROUND_TRIP_MS / 2);
  const proxy = await delay.next<{ port: number }>("listening");
  const seen = await watch(proxy.port, { settleSeconds: 5, seconds: bench.long ? 60 : 10 });
  const fps = 1000 / intervalMs(seen);
  const what = `${ROUND_TRIP_MS} ms round trip`;
  yield {
    what: `${what}, frames`,
    value: `${fps.toFixed(1)} fps`,
    target: ">= 29.5 fps",
    met: fps >= 29.5,
  };
  const [p50, p99] = [0.5, 0.99].map((q) => quantile(ages(seen), q).toFixed(1));
  yield { what: `${what}, age, p50 (p99)`, value: `${p50} ms (${p99})` };
}

/** Two ends of a link of this machine's, one in a network namespace. */
class Link extends Undo {
  /** The address of the end in this namespace. */
  readonly here: string;
  /** The namespace of the other end. */
  readonly namespace: string;

  /** Makes it; there is room in it for seconds of pictures. */
  constructor(megabits: number) {
    const namespace = `camcat-bench-${Deno.pid}`;
    super(() => ip("netns", "delete", namespace));
    this.namespace = namespace;
    const number = Deno.pid % 250;
    this.here = `10.214.${number}.1`;
    const [near, far] = [`cb${number}a`, `cb${number}b`];
    try {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", namespace);
      ip("addr", "add", `${this.here}/24`, "dev", near);
      ip("link", "set", near, "up");
      ip("-n", namespace, "addr", "add", `10.214.${number}.2/24`, "dev", far);
      ip("-n", namespace, "link", "set", far, "up");
      const bucket = ["rate", `${megabits}mbit`, "burst", "16kb", "limit", "1mb"];
      run("tc", "qdisc", "add", "dev", near, "root", "tbf", ...bucket);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }
}

function ip(...args: string[]): void {
  run("ip", ...args);
}

function run(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) {
    const why = new TextDecoder().decode(stderr);
    throw new Error(`Cannot run ${program} ${args.join(" ")}: ${why}`);
  }
}
