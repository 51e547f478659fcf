/**
 * What encryption costs.
 *
 * @module
 */

import { identityOf } from "../lib/identity.ts";
import { Key } from "../lib/key.ts";
import { type Bench, type Figure, ratios, type Row, spread } from "./figures.ts";
import { cpuPerFrame, Program, startReceiver, startSender, startSenderWith } from "./program.ts";
import { Folder } from "./undo.ts";

/** The row. Sender and receiver with a key, next to open ones. */
export const keyed: Row = {
  about: "CPU time of sender and receiver per frame, 1280x720@30, with a key against open",
  async *run(bench) {
    for (const viewers of [1, 16]) yield* compareSenders(bench, viewers);
    yield* compareReceivers(bench);
  },
};

async function* compareSenders(bench: Bench, count: number): AsyncGenerator<Figure> {
  const clip = await bench.clip("1280x720", 30);
  const key = Key.random();
  const identity = await identityOf(key);
  using folder = new Folder();
  const pem = `${folder.path}/identity.pem`;
  await Deno.writeTextFile(pem, identity.privateKey + identity.certificate);
  await using stack = new AsyncDisposableStack();

  const open = await startSender(bench.dist, clip, "--loop");
  stack.use(open.sender);
  stack.use(Program.peer("viewers", open.port, count, 0));
  const env = { CAMCAT_KEY: key.text };
  const closed = await startSenderWith(env, bench.dist, clip, "--loop");
  stack.use(closed.sender);
  stack.use(Program.peer("viewers", closed.port, count, 0, pem));

  yield* figures(`sender, ${count} viewer${count > 1 ? "s" : ""}`, {
    open: open.sender,
    closed: closed.sender,
  });
}

async function* compareReceivers(bench: Bench): AsyncGenerator<Figure> {
  const clip = await bench.clip("1280x720", 30);
  await using stack = new AsyncDisposableStack();
  const open = await startSender(bench.dist, clip, "--loop");
  stack.use(open.sender);
  const env = { CAMCAT_KEY: Key.random().text };
  const closed = await startSenderWith(env, bench.dist, clip, "--loop");
  stack.use(closed.sender);
  const args = [`127.0.0.1:${closed.port}`, "--no-display", "--json"];
  yield* figures("receiver", {
    open: stack.use(startReceiver(bench.dist, open.port)),
    closed: stack.use(Program.start(`${bench.dist}/receiver`, args, env)),
  });
}

async function* figures(
  what: string,
  programs: { open: Program; closed: Program },
): AsyncGenerator<Figure> {
  const cpu = await cpuPerFrame(programs, { warmUpSeconds: 8, windows: 6, windowSeconds: 4 });
  yield { what: `${what}, open`, value: spread(cpu.open, "ms") };
  yield { what: `${what}, with a key`, value: spread(cpu.closed, "ms") };
  yield {
    what: `${what}, with a key / open`,
    value: spread(ratios(cpu.closed, cpu.open), "x"),
  };
}
