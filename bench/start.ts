/**
 * How fast the programs start, and what they hold while nothing happens.
 *
 * @module
 */

import { receive } from "../lib/receive/receive.ts";
import { compile } from "../tools/compile_program.ts";
import {
  type Bench,
  type Figure,
  figure,
  interleaved,
  median,
  type Note,
  type Row,
} from "./figures.ts";
import { NUMBERED, SIZE } from "./numbered.ts";
import { missing } from "./packages.ts";

import {
  available,
  camcatWhole,
  ffmpegHttp,
  ffmpegWhole,
  gstreamer,
  lengths,
  type Peer,
  pump,
  serve,
  type Service,
} from "./peers.ts";
import { Program } from "./program.ts";
import { Screen } from "./screen.ts";
import { monotonicMs, pause, rssMb } from "./system.ts";
import { Folder } from "./undo.ts";

const FPS = 30;
const TIMES = 5;
const TIMES_OF_VERSION = 15;
const SETTLE_MS = 4000;
const [EOI_FF, EOI_D9] = [0xff, 0xd9];

/** What a program may take, in times of an empty one. */
const OF_EMPTY = { atMost: 1.25 };
/** How long the start of a sender may take, in times of what it took before: no longer. */
const OF_BEFORE = { atMost: 1 };

/**
 * The row. ffmpeg plays the video everywhere. The viewer is this program, connects as soon
 * as the port is open, and counts a picture as received at the end of the first JPEG. The empty
 * program is compiled as ours are.
 */
export const start: Row = {
  about: "start of the programs, of the server to the first picture; memory when idle",
  async *run(bench) {
    using folder = new Folder();
    const empty = `${folder.path}/empty`;
    await compile("bench/empty.ts", { output: empty, permissionSet: "sender" });
    yield* versions(bench, empty);
    yield* idle(bench, empty);
    yield* firstPictures(bench);
    yield* firstPixels(bench);
  },
};

/** How long `--version` takes. */
async function* versions({ dist, distBefore }: Bench, empty: string): AsyncGenerator<Figure> {
  const programs: Record<string, string> = {
    "empty program": empty,
    "camcat, sender": `${dist}/sender`,
    "camcat, receiver": `${dist}/receiver`,
  };
  if (distBefore !== undefined) {
    programs["camcat before, sender"] = `${distBefore}/sender`;
    programs["camcat before, receiver"] = `${distBefore}/receiver`;
  }
  const ms = await interleaved(
    TIMES_OF_VERSION,
    Object.fromEntries(
      Object.entries(programs).map(([name, path]) => [name, () => timeOf(path)]),
    ),
  );
  for (const name of Object.keys(programs)) {
    yield figure(["--version", name, "ms"], ms[name], "ms", 0);
    if (name === "empty program") continue;
    const target = name.includes("before") ? undefined : OF_EMPTY;
    const times = median(ms[name]) / median(ms["empty program"]);
    yield figure(["--version", name, "times the empty program"], times, "x", 2, target);
  }
}

async function timeOf(path: string): Promise<number> {
  const since = monotonicMs();
  const { success } = await new Deno.Command(path, { args: ["--version"] }).output();
  if (!success) throw new Error(`Cannot measure: ${path} --version must succeed`);
  return monotonicMs() - since;
}

/** What the programs hold when nothing happens. */
async function* idle({ dist, distBefore }: Bench, empty: string): AsyncGenerator<Figure> {
  await using stack = new AsyncDisposableStack();
  const programs: Record<string, Program> = {
    "empty program": stack.use(Program.start(empty, [])),
  };
  for (const [name, folder] of [["camcat", dist], ["camcat before", distBefore]]) {
    if (folder === undefined) continue;
    // deno-fmt-ignore
    const sender = stack.use(Program.start(`${folder}/sender`, [
      "test", "--on-demand", "--open", "--listen=127.0.0.1:0", "--json",
    ]));
    await sender.next("listening");
    // deno-fmt-ignore
    const receiver = stack.use(Program.start(`${folder}/receiver`, [
      "--listen=127.0.0.1:0", "--open", "--no-display", "--json",
    ]));
    await receiver.next("listening");
    programs[`${name}, sender`] = sender;
    programs[`${name}, receiver`] = receiver;
  }
  await pause(SETTLE_MS);
  const least = rssMb(programs["empty program"].pid);
  for (const [name, { pid }] of Object.entries(programs)) {
    const held = rssMb(pid);
    yield figure(["Idle", name, "memory, MB"], held, "MB", 0);
    if (name === "empty program") continue;
    const target = name.includes("before") ? undefined : OF_EMPTY;
    yield figure(["Idle", name, "times the empty program"], held / least, "x", 2, target);
  }
}

/** From the start of a server to the first picture at a viewer. */
async function* firstPictures(bench: Bench): AsyncGenerator<Figure | Note> {
  const table = "To the first picture, ms";
  const clip = await bench.clip("1280x720", FPS);
  const ours = camcatWhole(bench.dist);
  const before = bench.distBefore === undefined
    ? []
    : [{ ...camcatWhole(bench.distBefore), name: "camcat before" }];
  const { here, notes } = available([
    ...[ours, ...before, lengths, ffmpegWhole, ffmpegHttp, gstreamer, pump],
  ]);
  yield* notes;
  const measured = await interleaved(
    TIMES,
    Object.fromEntries(here.map((peer) => [peer.name, () => firstPicture(peer, clip)])),
  );
  for (const [name, ms] of Object.entries(measured)) {
    const target = name === ours.name ? { atMost: 600 } : undefined;
    yield figure([table, name, "start to picture"], ms, "ms", 0, target);
  }
  for (const { name } of before) {
    const times = median(measured[ours.name]) / median(measured[name]);
    yield figure([table, ours.name, "times camcat before"], times, "x", 2, OF_BEFORE);
  }
}

/** From the start of a receiver, with a sender that is live, to pixels on a screen. */
async function* firstPixels(bench: Bench): AsyncGenerator<Figure | Note> {
  const lack = missing(["xvfb"]);
  if (lack !== undefined) return yield { note: `pixels were not measured: ${lack}` };
  const clip = await bench.clip(
    SIZE,
    FPS,
    `split[a][b];[b]${NUMBERED}[c];[a][c]overlay=(W-w)/2:(H-h)/2`,
  );
  const { server, service } = await serve(camcatWhole(bench.dist), { clip, fps: FPS });
  await using _server = server;
  await firstFrame(service);
  const receiver = (dist: string) => [
    ...[`${dist}/receiver`, `${service.host}:${service.port}`, "--open", "--json"],
  ];
  const commands: Record<string, string[]> = {
    "camcat, ffplay": receiver(bench.dist),
    ...(bench.distBefore && { "camcat before, ffplay": receiver(bench.distBefore) }),
    "ffplay alone, from the file": ["ffplay", "-loglevel", "error", clip],
  };
  const measured = await interleaved(
    TIMES,
    Object.fromEntries(
      Object.entries(commands).map(([name, command]) => [name, () => pixels(command)]),
    ),
  );
  for (const [name, ms] of Object.entries(measured)) {
    yield figure(["Receiver to the first pixels, ms", name, "start to pixels"], ms, "ms", 0);
  }
}

/** Each on a new screen, which shows nothing of the one before. */
async function pixels([program, ...args]: string[]): Promise<number> {
  await using screen = await Screen.open();
  const since = monotonicMs();
  await using playing = Program.start(program, args);
  while (screen.seen.length === 0) await playing.unlessEnded(pause(5));
  return screen.seen[0].at - since;
}

async function firstFrame({ host: hostname, port }: Service): Promise<void> {
  for await (const _frame of receive({ hostname, port }, { once: true })) return;
}

async function firstPicture(peer: Peer, clip: string): Promise<number> {
  const feed = ["ffmpeg", "-loglevel", "error", "-nostdin", "-re", "-stream_loop", "-1"];
  const since = monotonicMs();
  const { server, service } = await serve(peer, {
    ...{ clip, fps: FPS },
    feed: [...feed, "-i", clip, "-c", "copy", "-f", "mjpeg", "pipe:1"],
  });
  await using _server = server;
  const { host: hostname, port } = service;
  if (peer.framing === "camcat") {
    await firstFrame(service);
    return monotonicMs() - since;
  }
  using connection = await Deno.connect({ hostname, port });
  if (peer === ffmpegHttp) {
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: camera\r\n\r\n"));
  }
  const buffer = new Uint8Array(1 << 18);
  for (let last = 0, count; (count = await connection.read(buffer)) !== null;) {
    for (let index = 0; index < count; index++) {
      if (last === EOI_FF && buffer[index] === EOI_D9) return monotonicMs() - since;
      last = buffer[index];
    }
  }
  throw new Error("Cannot measure: no picture came through");
}
