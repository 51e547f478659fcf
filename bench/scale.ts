/**
 * Many viewers of several senders, which get their pictures over a Redis.
 *
 * @module
 */

import { Child } from "../lib/program/child.ts";
import { Key } from "../lib/security/key.ts";
import { type Bench, type Figure, figure, median, quantile, type Row } from "./figures.ts";
import { Link, linkLack } from "./link.ts";
import { missing, PYTHON } from "./packages.ts";
import { script } from "./peers.ts";
import { cpuPerFrame, Program, startReceiver, startSender, startSenderWith } from "./program.ts";
import { freePort, listening } from "./sockets.ts";
import { cpuMs, pause } from "./system.ts";

const EDGES = 3;
const CASES = [
  { size: "320x240", fps: 10, viewers: 1000 },
  { size: "1280x720", fps: 10, viewers: 300 },
];
/** From this share of the pictures on a viewer counts as one at full rate. */
const FULL = 0.95;
const SECONDS = { settle: 8, measured: 10, afterFailure: 10 };
/** V8 compiles little-used code late. */
const WINDOWS = { warmUpSeconds: 10, windows: 5, windowSeconds: 2 };
/** Subscribers of one camera, as many as there may be edges. */
const SUBSCRIBERS = [1, 16, 64];

/** The row. */
export const scale: Row = {
  about: `one publisher, a Redis with a replica, ${EDGES} edges in network namespaces of their own`,
  async *run(bench) {
    const lack = linkLack() ?? missing(["redis"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    for (const { size, fps, viewers } of CASES) {
      yield* await measure(bench, size, fps, viewers);
    }
    yield* await broker(bench);
    yield* await costs(bench, undefined);
    yield* await costs(bench, Key.random());
  },
};

/** A redis-server. */
class Redis implements AsyncDisposable {
  readonly port = freePort();
  #child: Child;

  constructor(...args: string[]) {
    this.#child = Child.spawn("redis-server", [
      ...["--port", `${this.port}`, "--bind", "0.0.0.0", "--protected-mode", "no", "--save", ""],
      ...args,
    ]);
  }

  static async start(...args: string[]): Promise<Redis> {
    const redis = new Redis(...args);
    await listening(redis.port);
    return redis;
  }

  get pid(): number {
    return this.#child.process.pid;
  }

  command(...args: string[]): void {
    new Deno.Command("redis-cli", { args: ["-p", `${this.port}`, ...args] }).outputSync();
  }

  async kill(): Promise<void> {
    this.#child.process.kill("SIGKILL");
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
    await this.#child.status;
  }
}

/** What all viewers have seen in a second. */
interface Load {
  at: number;
  frames: number[];
  ages: number[];
  gaps: number[];
}

async function measure(
  { dist, clip }: Bench,
  size: string,
  fps: number,
  viewers: number,
): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const primary = stack.use(await Redis.start());
  const replica = stack.use(await Redis.start("--replicaof", "127.0.0.1", `${primary.port}`));
  const hosts = (host: string) => `redis://${host}:${primary.port},${host}:${replica.port}/camera`;
  const publisher = stack.use(Program.fed(
    [PYTHON, script("camera.py"), await clip(size, fps), `${fps}`],
    [
      ...[`${dist}/sender`, "-", "--open", `--publish=${hosts("127.0.0.1")}`],
      ...["--listen=127.0.0.1:0", "--no-announce", "--json"],
    ],
  ));
  await publisher.next("listening");
  const edges: Program[] = [], addresses: string[] = [];
  for (let index = 0; index < EDGES; index++) {
    const link = stack.use(new Link());
    const [program, ...through] = link.through;
    const edge = stack.use(Program.start(program, [
      ...[...through, `${dist}/sender`, hosts(link.here), "--open", `--listen=${link.there}:0`],
      ...["--max-viewers=10000", "--no-announce", "--json"],
    ]));
    const { port } = await edge.next<{ port: number }>("listening");
    const count = Math.floor((viewers + index) / EDGES);
    edges.push(edge);
    addresses.push(`${link.there}:${port}:${count}`);
  }
  const load = stack.use(Program.start(PYTHON, [script("load.py"), ...addresses]));
  const parts = { publisher: [publisher], redis: [primary], edges, viewers: [load] };

  const next = () => load.next<Load>("load");
  for (let second = 0; second < SECONDS.settle; second++) await next();
  const { figures, rates } = await steady(parts, next, `${viewers} at ${size}@${fps}`, fps);

  // One edge is killed: the viewers of the others must not notice.
  const own = Number(addresses[0].split(":").at(-1));
  edges[0][Symbol.asyncDispose]().catch(() => {});
  await next();
  const others = (await watch(next, 5)).rates.slice(own);
  const table = "When something fails";
  const of = `${viewers} at ${size}@${fps}`;
  figures.push(
    figure(
      [table, of, "one edge killed: others at full rate, %"],
      shareOf(others, fps),
      "%",
      1,
      shareOf(rates, fps) >= 99 ? { atLeast: 99 } : undefined,
    ),
  );
  // The primary is killed, and its replica made the primary as a Sentinel would.
  await primary.kill();
  replica.command("REPLICAOF", "NO", "ONE");
  const gaps: number[] = [];
  for (let second = 0; second < SECONDS.afterFailure; second++) {
    gaps.push(...(await next()).gaps.slice(1));
  }
  figures.push(
    figure([table, of, "primary killed: without pictures, s"], Math.max(...gaps), "s", 2, {
      atMost: 2,
    }),
  );
  const after = (await watch(next, 5)).rates.slice(own);
  figures.push(figure([table, of, "then at full rate, %"], shareOf(after, fps), "%", 1));
  return figures;
}

async function watch(next: () => Promise<Load>, seconds: number) {
  const before = await next();
  const ages: number[] = [];
  let last = before;
  for (let second = 0; second < seconds; second++) {
    last = await next();
    ages.push(...last.ages);
  }
  const elapsed = (last.at - before.at) / 1000;
  const rates = last.frames.map((frames, index) => (frames - before.frames[index]) / elapsed);
  return { ages, rates };
}

function shareOf(rates: number[], fps: number): number {
  return rates.filter((rate) => rate >= FULL * fps).length / rates.length * 100;
}

async function steady(
  parts: Record<string, { pid: number }[]>,
  next: () => Promise<Load>,
  of: string,
  fps: number,
): Promise<{ figures: Figure[]; rates: number[] }> {
  const cpu = () =>
    Object.values(parts).map((programs) =>
      programs.reduce((sum, { pid }) => sum + cpuMs(pid), 0) / programs.length
    );
  const [before, since] = [cpu(), performance.now()];
  const { ages, rates } = await watch(next, SECONDS.measured);
  const elapsed = performance.now() - since;
  const spent = cpu().map((ms, index) => (ms - before[index]) / elapsed * 100);
  const table = "Viewers, from ready to received";
  return {
    rates,
    figures: [
      figure([table, of, "at full rate, %"], shareOf(rates, fps), "%", 1, { atLeast: 99 }),
      figure([table, of, "slowest, fps"], Math.min(...rates), "fps", 1),
      figure([table, of, "p50, ms"], median(ages), "ms", 1),
      figure([table, of, "p99, ms"], quantile(ages, 0.99), "ms", 1),
      ...Object.keys(parts).map((part, index) =>
        figure(
          ["% of one core", of, part === "edges" ? "each edge" : part],
          spent[index],
          "%",
          1,
        )
      ),
    ],
  };
}

/** What each edge more costs the broker, as a subscriber that is as bare as can be. */
async function broker({ dist, clip }: Bench): Promise<Figure[]> {
  const [size, fps] = ["1280x720", 30];
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await Redis.start());
  const url = `redis://127.0.0.1:${redis.port}/camera`;
  const video = await clip(size, fps);
  stack.use((await startSender(dist, video, "--loop", `--publish=${url}`, "--no-announce")).sender);
  const edge = await startSender(dist, url, "--no-announce");
  stack.use(edge.sender);
  stack.use(startReceiver(dist, edge.port));
  const figures: Figure[] = [];
  for (const count of SUBSCRIBERS) {
    const others = [`${redis.port}`, "camcat:{camera}:frames", `${count - 1}`];
    await using subscribers = Program.start(PYTHON, [script("subscribers.py"), ...others]);
    await subscribers.next("subscribed");
    await pause(2000);
    const shares: number[] = [];
    for (let window = 0; window < 4; window++) {
      const [before, since] = [cpuMs(redis.pid), performance.now()];
      await pause(1000);
      shares.push((cpuMs(redis.pid) - before) / (performance.now() - since) * 100);
    }
    figures.push(
      figure([`Redis, % of one core, ${size}@${fps}`, "subscribers", `${count}`], shares, "%", 1),
    );
  }
  return figures;
}

/** CPU time of a publisher and an edge with one viewer, beside a sender with one viewer. */
async function costs({ dist, clip }: Bench, key: Key | undefined): Promise<Figure[]> {
  const [size, fps] = ["1280x720", 30];
  await using stack = new AsyncDisposableStack();
  const env: Record<string, string> = key === undefined ? {} : { CAMCAT_KEY: key.text };
  const redis = stack.use(await Redis.start());
  const start = async (...args: string[]) => {
    const given = [...args, "--no-announce"];
    const { sender, port } = key === undefined
      ? await startSender(dist, ...given)
      : await startSenderWith(env, dist, ...given);
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
  const url = `redis://127.0.0.1:${redis.port}/camera`;
  const video = await clip(size, fps);
  const alone = await start(video, "--loop");
  receive(alone.port);
  const publisher = await start(video, "--loop", `--publish=${url}`);
  const edge = await start(url);
  receive(edge.port);
  await pause(2000);
  const spent = await cpuPerFrame({
    "sender, 1 viewer": { program: alone.program, fps },
    publisher: { program: publisher.program, fps },
    "edge, 1 viewer": { program: edge.program, fps },
    redis: { program: publisher.program, pid: redis.pid, fps },
  }, WINDOWS);
  const of = key === undefined ? "open" : "with a key";
  return Object.entries(spent).map(([name, { ms }]) =>
    figure([`CPU ms per frame, ${size}@${fps}`, of, name], ms, "ms", 2)
  );
}
