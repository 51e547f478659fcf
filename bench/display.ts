/**
 * How long a picture takes from the camera to the screen.
 *
 * @module
 */

import { type Bench, figure, interleaved, median, quantile, type Row } from "./figures.ts";
import { NUMBERED, NUMBERS, SIZE } from "./numbered.ts";
import { missing, type PackageName, PYTHON } from "./packages.ts";
import {
  camcat,
  camera,
  ffmpegTcp,
  gstreamer,
  lengths,
  type Peer,
  script,
  serve,
  type Service,
} from "./peers.ts";
import { Program } from "./program.ts";
import { type Appearance, Screen } from "./screen.ts";
import { monotonicMs, pause } from "./system.ts";
import { Folder } from "./undo.ts";

const SETTLE_SECONDS = 2;
const TIMES = 2;

/** A server and what shows its pictures. */
interface Chain {
  peer: Peer;
  fps: number;
  needs: PackageName[];
  player(service: Service): string[];
}

function chains({ dist }: Bench): Record<string, Chain> {
  const receiver = (player: string, fps: number): Chain => ({
    peer: camcat(dist),
    fps,
    needs: player === "mpv" ? ["mpv"] : [],
    player: ({ host, port }) => [
      ...[`${dist}/receiver`, `${host}:${port}`, "--open", "--player", player, "--json"],
    ],
  });
  return {
    "camcat, ffplay @30": receiver("ffplay", 30),
    "camcat, mpv @30": receiver("mpv", 30),
    "OpenCV tutorial, JPEG @30": {
      ...{ peer: lengths, fps: 30, needs: ["opencv"] },
      player: ({ host, port }) => [
        ...[PYTHON, script("opencv_receiver.py"), "jpeg", host, `${port}`, "show"],
      ],
    },
    "ffmpeg mpjpeg, TCP, ffplay @30": {
      ...{ peer: ffmpegTcp, fps: 30, needs: [] },
      player: ({ host, port }) => [
        ...["ffplay", "-loglevel", "error", "-fflags", "nobuffer", "-flags", "low_delay"],
        ...["-framedrop", "-f", "mpjpeg", "-i", `tcp://${host}:${port}`],
      ],
    },
    "GStreamer @30": {
      ...{ peer: gstreamer, fps: 30, needs: ["gstreamer", "gstreamer-x"] },
      player: ({ host, port }) => [
        ...["gst-launch-1.0", "-q", "tcpclientsrc", `host=${host}`, `port=${port}`],
        ...["!", "multipartdemux", "!", "jpegdec", "!", "videoconvert"],
        ...["!", "ximagesink", "sync=false"],
      ],
    },
    "camcat, ffplay @60": receiver("ffplay", 60),
    "camcat, mpv @60": receiver("mpv", 60),
  };
}

/** The row. Each chain alone on a screen of its own, no GPU. */
export const display: Row = {
  about: `picture ready to its pixels on an Xvfb screen, ${SIZE}; start to the first of them`,
  async *run(bench) {
    const lack = missing(["xvfb"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    const all = chains(bench);
    for (const [name, { peer, needs }] of Object.entries(all)) {
      const lack = missing([...peer.needs, ...needs]);
      if (lack === undefined) continue;
      yield { note: `${name}: ${lack}` };
      delete all[name];
    }
    const measured = await interleaved(
      TIMES,
      Object.fromEntries(
        Object.entries(all).map(([name, chain]) => [name, () => measure(chain, bench)]),
      ),
    );
    for (const [name, times] of Object.entries(measured)) {
      const table = "From ready to the screen";
      const isDefault = name.startsWith("camcat, ffplay");
      const at = (q: number) => times.map(({ ms }) => quantile(ms, q));
      const target = isDefault ? { atMost: 20 } : undefined;
      yield figure([table, name, "p50, ms"], at(0.5), "ms", 1, target);
      yield figure([table, name, "p99, ms"], at(0.99), "ms", 1);
      yield figure([table, name, "growth, first to last third, ms"], times.map(growth), "ms", 1);
      const shown = times.map(({ ms, captured }) => ms.length / captured * 100);
      yield figure([table, name, "shown, % of the pictures"], shown, "%", 0);
      const start = times.map(({ startMs }) => startMs);
      yield figure([table, name, "start of both to the first picture, ms"], start, "ms", 0);
    }
  },
};

interface Measured {
  /** How old the pictures were when they were there. */
  ms: number[];
  /** How many there were. */
  captured: number;
  startMs: number;
}

async function measure({ peer, fps, player }: Chain, bench: Bench): Promise<Measured> {
  const clip = await bench.clip(
    SIZE,
    fps,
    `split[a][b];[b]${NUMBERED}[c];[a][c]overlay=(W-w)/2:(H-h)/2`,
  );
  const seconds = bench.long ? 60 : 5;
  await using screen = await Screen.open();
  using folder = new Folder();
  const log = `${folder.path}/camera.log`;
  const since = monotonicMs();
  {
    const { server, service } = await serve(peer, { clip, fps, feed: camera(clip, fps, log) });
    await using _server = server;
    const [program, ...args] = player(service);
    await using playing = Program.start(program, args);
    await playing.unlessEnded(pause((SETTLE_SECONDS + seconds) * 1000));
    await screen.look();
  }
  const captured = Deno.readTextFileSync(log).trim().split("\n").map((line) => {
    const [index, at] = line.split(" ").map(Number);
    return { number: index % NUMBERS, at };
  });
  const [first] = screen.seen.filter(({ at }) => at > since);
  if (first === undefined) throw new Error("Cannot measure: nothing appeared on the screen");
  const later = captured.filter(({ at }) => at > first.at + SETTLE_SECONDS * 1000);
  const until = screen.seen.at(-1)!.at - 500; // what came last may not have been shown
  const measured = later.filter(({ at }) => at < until);
  const ms = measured.flatMap((picture) => delay(picture, screen.seen, fps) ?? []);
  return { ms, captured: measured.length, startMs: first.at - since };
}

/** How long a picture took, undefined if it was not shown. */
function delay(picture: Appearance, seen: Appearance[], fps: number): number | undefined {
  const until = picture.at + NUMBERS / fps * 1000 / 2; // then another one of its number comes
  const shown = seen.find(({ at, number }) =>
    at >= picture.at && at < until && number === picture.number
  );
  return shown === undefined ? undefined : shown.at - picture.at;
}

function growth({ ms }: Measured): number {
  const third = Math.floor(ms.length / 3);
  return median(ms.slice(-third)) - median(ms.slice(0, third));
}
