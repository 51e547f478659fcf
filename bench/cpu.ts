/**
 * CPU time per frame: sender and receiver, beside the programs of others.
 *
 * @module
 */

import { bytesPerFrame } from "./clip.ts";
import {
  type Bench,
  type Figure,
  figure,
  interleaved,
  type Note,
  ratios,
  type Row,
  type Target,
} from "./figures.ts";
import {
  available,
  camcat,
  camcatWhole,
  ffmpegHttp,
  ffmpegTcp,
  ffmpegWhole,
  gstreamer,
  lengths,
  openCvJpeg,
  openCvPickle,
  type Peer,
  pump,
  receiver,
  serve,
  type Service,
  silentCamcat,
  zmqRequests,
} from "./peers.ts";
import { cpuPerFrame, Program, type Subject } from "./program.ts";
import { traffic } from "./sockets.ts";
import { childrenOf, monotonicMs, nameOf, pause } from "./system.ts";

const MODES: [size: string, fps: number][] = [
  ["640x480", 30],
  ["1280x720", 30],
  ["1280x720", 60],
  ["1920x1080", 60],
];
/** 30 frames a second are little use of code: it takes V8 half a minute to compile it well. */
const WINDOWS = { warmUpSeconds: 30, windows: 4, windowSeconds: 3 };
/** Of those that run one after another, because they take most of a core. */
const ALONE = { warmUpSeconds: 1, windows: 1, windowSeconds: 2 };
const TIMES_ALONE = 2;
/** Less than this share of the pictures, and a program cannot have done its work. */
const LEAST_DELIVERED = 0.9;

const SENDER = "Sender, CPU ms per frame";
const RECEIVER = "Receiver, CPU ms per frame";
const WHOLE = "From the file to TCP, capture included, CPU ms per frame";
const RATE = "Frames per second of those that may not keep up";

/** Ratios: the table, who is compared, in what. */
const AGAINST = [
  ["Sender: times the CPU of", "camcat", "sends"],
  ["Sender, silent viewer: times the CPU of", "camcat, silent viewer", "sends"],
  ["Receiver: times the CPU of", "camcat", "receives"],
] as const;

/**
 * What the sender has to reach: no more than who does the same work, which is to be answered
 * with REQ/REP, and not to be with the others; and no more than twice what bytes alone take.
 */
function targetFor(table: string, peer: string, mode: string): Target | undefined {
  const isAnswered = table === AGAINST[0][0];
  if (peer === pump.name) {
    return isAnswered && mode === "1920x1080@60" ? { atMost: 2 } : undefined;
  }
  if (isAnswered) return peer === zmqRequests.name ? { atMost: 1 } : undefined;
  return table === AGAINST[1][0] && peer !== zmqRequests.name ? { atMost: 1 } : undefined;
}

/** The row. */
export const cpu: Row = {
  about: "CPU time per frame, one viewer: sender and receiver, same pictures, side by side",
  async *run(bench) {
    yield* available([
      ...[lengths, zmqRequests, ffmpegTcp, ffmpegHttp, gstreamer, pump, openCvJpeg, openCvPickle],
    ]).notes;
    for (const [size, fps] of MODES) {
      yield* sideBySide(bench, size, fps);
      yield* alone(bench, size, fps);
    }
  },
};

async function* sideBySide(bench: Bench, size: string, fps: number): AsyncGenerator<Figure | Note> {
  const mode = `${size}@${fps}`;
  const clip = await bench.clip(size, fps);
  const bytes = await bytesPerFrame(clip);
  await using stack = new AsyncDisposableStack();
  // As users run it, its ffmpeg writes into a socket of its own; peers read a pipe.
  const usual = { ...camcatWhole(bench.dist), name: "camcat" };
  const silent = { ...silentCamcat(bench.dist), serve: usual.serve, isFed: false };
  const piped = { ...camcat(bench.dist), name: "camcat, from a pipe" };
  const { here } = available([
    ...[usual, silent, piped, lengths, zmqRequests, ffmpegTcp, ffmpegHttp, gstreamer, pump],
  ]);
  const subjects: Record<string, Subject> = {};
  const services: [Peer, Service][] = [];
  for (const peer of here) {
    const { server, service } = await serve(peer, { clip, fps });
    services.push([peer, service]);
    subjects[`${peer.name}, sends`] = { program: stack.use(server), fps };
    const viewer = peer.receive === undefined
      ? Program.peer("viewer", peer.framing, service.host, service.port)
      : receiver(peer, service);
    subjects[`${peer.name}, receives`] = { program: stack.use(viewer), fps };
  }
  const { program } = subjects["camcat, sends"];
  subjects["camcat's ffmpeg"] = { program, pid: await childOf(program, "ffmpeg"), fps };
  const whole = await serve(ffmpegWhole, { clip, fps });
  subjects["ffmpeg alone"] = { program: stack.use(whole.server), fps };
  stack.use(receiver(ffmpegWhole, whole.service));

  const before = services.map(([, { port }]) => traffic(port).there);
  const since = monotonicMs();
  const cpu = await cpuPerFrame(subjects, WINDOWS);
  const frames = (monotonicMs() - since) / 1000 * fps;
  for (const [index, [peer, { port }]] of services.entries()) {
    const share = (traffic(port).there - before[index]) / bytes / frames;
    if (share < LEAST_DELIVERED) {
      const percent = (share * 100).toFixed(0);
      yield { note: `${mode}: ${peer.name} delivered only ${percent} % of the pictures` };
    }
  }

  for (const { name, receive } of here) {
    yield figure([SENDER, name, mode], cpu[`${name}, sends`].ms, "ms", 2);
    if (receive !== undefined) {
      yield figure([RECEIVER, name, mode], cpu[`${name}, receives`].ms, "ms", 2);
    }
  }
  const sum = cpu["camcat, sends"].ms.map((ms, index) => ms + cpu["camcat's ffmpeg"].ms[index]);
  yield figure([WHOLE, "camcat and its ffmpeg", mode], sum, "ms", 2);
  yield figure([WHOLE, ffmpegWhole.name, mode], cpu["ffmpeg alone"].ms, "ms", 2);

  for (const [table, ours, part] of AGAINST) {
    for (const { name } of here.filter(({ name }) => !name.startsWith("camcat"))) {
      const times = ratios(cpu[`${ours}, ${part}`].ms, cpu[`${name}, ${part}`].ms);
      yield figure([table, name, mode], times, "x", 2, targetFor(table, name, mode));
    }
  }
  const times = ratios(sum, cpu["ffmpeg alone"].ms);
  yield figure([WHOLE, "camcat / ffmpeg, times", mode], times, "x", 2);
}

async function* alone(bench: Bench, size: string, fps: number): AsyncGenerator<Figure> {
  const clip = await bench.clip(size, fps);
  const measure = (peer: Peer) => async () => {
    const { server, service } = await serve(peer, { clip, fps });
    await using program = server;
    await using other = receiver(peer, service);
    return await cpuPerFrame({ sends: { program }, receives: { program: other } }, ALONE);
  };
  const { here } = available([openCvJpeg, openCvPickle]);
  const measured = await interleaved(
    TIMES_ALONE,
    Object.fromEntries(here.map((peer) => [peer.name, measure(peer)])),
  );
  const mode = `${size}@${fps}`;
  for (const [name, times] of Object.entries(measured)) {
    yield figure([SENDER, name, mode], times.flatMap(({ sends }) => sends.ms), "ms", 2);
    yield figure([RECEIVER, name, mode], times.flatMap(({ receives }) => receives.ms), "ms", 2);
    yield figure([RATE, name, mode], times.flatMap(({ receives }) => receives.fps), "fps", 1);
  }
}

/** The process of that name that a program has started, as soon as it is there. */
async function childOf(program: Program, name: string): Promise<number> {
  for (;;) {
    const child = childrenOf(program.pid).find((pid) => nameOf(pid) === name);
    if (child !== undefined) return child;
    await program.unlessEnded(pause(10));
  }
}
