/**
 * What encryption costs, in CPU time per frame.
 *
 * @module
 */

import { identityOf } from "../lib/security/identity.ts";
import { Key } from "../lib/security/key.ts";
import { figure, ratios, type Row } from "./figures.ts";
import {
  cpuPerFrame,
  Program,
  startReceiver,
  startSender,
  startSenderWith,
  type Subject,
} from "./program.ts";
import { Folder } from "./undo.ts";

const MANY = 16;
const SIZE = "1280x720";
const FPS = 30;

/** The row. Senders and receivers with a key, next to open ones, all at the same time. */
export const keyed: Row = {
  about: `CPU time of sender and receiver per frame, ${SIZE}@${FPS}, with a key against open`,
  async *run(bench) {
    const clip = await bench.clip(SIZE, FPS);
    const key = Key.random();
    const env = { CAMCAT_KEY: key.text };
    const identity = await identityOf(key);
    using folder = new Folder();
    const pem = `${folder.path}/identity.pem`;
    await Deno.writeTextFile(pem, identity.privateKey + identity.certificate);
    await using stack = new AsyncDisposableStack();
    const open = () => startSender(bench.dist, clip, "--loop");
    const closed = () => startSenderWith(env, bench.dist, clip, "--loop");

    const subjects: Record<string, Subject> = {};
    const add = (name: string, program: Program) => {
      subjects[name] = { program: stack.use(program), fps: FPS };
    };
    const [few, keyedFew, many, keyedMany] = [
      await open(),
      await closed(),
      await open(),
      await closed(),
    ];
    add("sender, open", few.sender);
    add("receiver, open", startReceiver(bench.dist, few.port));
    add("sender, keyed", keyedFew.sender);
    const args = [`127.0.0.1:${keyedFew.port}`, "--no-display", "--json"];
    add("receiver, keyed", Program.start(`${bench.dist}/receiver`, args, env));
    add(`sender, ${MANY} viewers, open`, many.sender);
    stack.use(Program.peer("viewers", "camcat", many.port, MANY, 0));
    add(`sender, ${MANY} viewers, keyed`, keyedMany.sender);
    stack.use(Program.peer("viewers", "camcat", keyedMany.port, MANY, 0, pem));

    const cpu = await cpuPerFrame(subjects, { warmUpSeconds: 8, windows: 5, windowSeconds: 3 });
    for (const role of ["sender", "receiver", `sender, ${MANY} viewers`]) {
      const [ours, theirs] = [cpu[`${role}, keyed`].ms, cpu[`${role}, open`].ms];
      yield figure(["CPU ms per frame", role, "open"], theirs, "ms", 2);
      yield figure(["CPU ms per frame", role, "with a key"], ours, "ms", 2);
      yield figure(["CPU ms per frame", role, "with a key / open"], ratios(ours, theirs), "x", 2);
    }
  },
};
