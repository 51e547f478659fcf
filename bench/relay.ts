/**
 * What a relay adds.
 *
 * @module
 */

import { Key } from "../lib/security/key.ts";
import { type Figure, figure, quantile, ratios, type Row, type Target } from "./figures.ts";
import { camcat, serve } from "./peers.ts";
import { cpuPerFrame, Program, startReceiver, startSender, startSenderWith } from "./program.ts";
import { ages, type Seen, viewer, watch } from "./watch.ts";

const SIZE = "1280x720";
const FPS = 30;
/** V8 compiles little-used code late. */
const WINDOWS = { warmUpSeconds: 30, windows: 6, windowSeconds: 3 };
const CHAIN = ["direct", "1 relay", "2 relays"];

/** The row. Viewers of a sender, of its relay, and of that one's relay see the same pictures. */
export const relay: Row = {
  about: `a sender, a relay of it, and a relay of that, ${SIZE}@${FPS}, all at the same time`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    yield* await times(bench.dist, clip);
    yield* await cpu(bench.dist, clip, undefined);
    yield* await cpu(bench.dist, clip, Key.random());
  },
};

async function times(dist: string, clip: string): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const { server, service } = await serve(camcat(dist), { clip, fps: FPS });
  stack.use(server);
  const ports = [service.port];
  while (ports.length < CHAIN.length) {
    const { sender, port } = await startSender(dist, `camcat://127.0.0.1:${ports.at(-1)}`);
    stack.use(sender);
    ports.push(port);
  }
  const viewers = ports.map((port) => {
    return stack.use(viewer({ framing: "camcat" }, { host: "127.0.0.1", port }));
  });
  const seen = await Promise.all(
    viewers.map((viewer) => watch(viewer, { settleSeconds: 30, seconds: 20 })),
  );
  const table = "From ready to received, ms";
  return CHAIN.flatMap((name, index) => [
    figure([table, name, "p50"], quantile(ages(seen[index]), 0.5), "ms", 2),
    figure([table, name, "p99"], quantile(ages(seen[index]), 0.99), "ms", 2),
    ...(index === 0 ? [] : hop(name, seen[index - 1], seen[index])),
    ...told(name, seen[index]),
    figure([table, name, "pictures"], seen[index].length, "", 0),
  ]);

  /** What the last hop has added to each picture. */
  function hop(name: string, before: Seen[], after: Seen[]): Figure[] {
    const arrivals = new Map(before.map(({ captured, arrived }) => [captured, arrived]));
    const added = after.flatMap(({ captured, arrived }) => {
      const earlier = arrivals.get(captured);
      return earlier === undefined ? [] : [arrived - earlier];
    });
    const at = (q: number, target?: Target) =>
      figure([table, name, `this hop, p${q * 100}`], quantile(added, q), "ms", 2, target);
    return [at(0.5, { atMost: 1 }), at(0.99)];
  }

  /** How far the capture time of the protocol moves from what the first sender has said. */
  function told(name: string, frames: Seen[]): Figure[] {
    const first = new Map(seen[0].map(({ captured, sent }) => [captured, sent!]));
    const errors = frames.flatMap(({ captured, sent }) => {
      const original = first.get(captured);
      return original === undefined ? [] : [Math.abs(sent! - original)];
    });
    if (name === CHAIN[0]) return [];
    return [
      figure([table, name, "error of its capture time, p50"], quantile(errors, 0.5), "ms", 2),
    ];
  }
}

/** CPU time of a relay, next to a sender of one viewer and a receiver, with a key or open. */
async function cpu(dist: string, clip: string, key: Key | undefined): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const env: Record<string, string> = key === undefined ? {} : { CAMCAT_KEY: key.text };
  const start = async (source: string[]) => {
    const { sender, port } = key === undefined
      ? await startSender(dist, ...source)
      : await startSenderWith(env, dist, ...source);
    return { program: stack.use(sender), port };
  };
  const receive = (port: number) =>
    stack.use(
      key === undefined ? startReceiver(dist, port) : Program.start(
        `${dist}/receiver`,
        [`127.0.0.1:${port}`, "--no-display", "--json"],
        env,
      ),
    );
  const sender = await start([clip, "--loop"]);
  const receiver = receive(sender.port);
  const relayed = await start([clip, "--loop"]);
  const relay = await start([`camcat://127.0.0.1:${relayed.port}`]);
  receive(relay.port);
  const spent = await cpuPerFrame({
    sender: { program: sender.program, fps: FPS },
    receiver: { program: receiver, fps: FPS },
    relay: { program: relay.program, fps: FPS },
  }, WINDOWS);
  const table = "CPU ms per frame, one viewer";
  const of = key === undefined ? "open" : "with a key";
  const both = spent.sender.ms.map((ms, index) => ms + spent.receiver.ms[index]);
  return [
    figure([table, of, "sender"], spent.sender.ms, "ms", 2),
    figure([table, of, "receiver"], spent.receiver.ms, "ms", 2),
    figure([table, of, "relay"], spent.relay.ms, "ms", 2),
    figure([table, of, "relay / (sender + receiver)"], ratios(spent.relay.ms, both), "x", 2, {
      atMost: 1,
    }),
  ];
}
