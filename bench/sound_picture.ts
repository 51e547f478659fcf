/**
 * Sound against picture: a flash on a screen, and the click that belongs to it, at the ear.
 *
 * @module
 */

import { type SoundPlayerName, soundPlayers } from "../lib/playback/sound_player.ts";
import { Child } from "../lib/program/child.ts";
import { Pulse } from "../tests/support/pulse.ts";
import { type Figure, figure, median, type Row } from "./figures.ts";
import { NUMBERS, SIZE } from "./numbered.ts";
import { OnlyPlayer } from "./only_player.ts";
import { missing } from "./packages.ts";
import { Program, startSender } from "./program.ts";
import { Screen } from "./screen.ts";
import { earLateMs } from "./sound_calibration.ts";
import { Ear } from "./sound_ear.ts";
import { monotonicMs, pause } from "./system.ts";
import { Folder } from "./undo.ts";

const SETTLE_SECONDS = 8;
const SECONDS = 25;
const TABLE = "Sound after its picture, ms";
/** The darkest and the brightest of the pictures that {@linkcode Screen} can tell apart. */
const [DARK, BRIGHT] = [20, 218];
/** In the middle of each second, so that nothing happens where the clip begins again. */
const FLASH = `if(between(mod(T\\,1)\\,0.499\\,0.599)\\,${BRIGHT}\\,${DARK})`;
const CLICK = "0.8*sin(2*PI*1000*t)*lt(mod(t+0.5\\,1)\\,0.003)";

/** The row. All pairs of players, each alone; 30 pictures a second. */
export const soundPicture: Row = {
  about: `a click at the ear after its flash on an Xvfb screen, ${SIZE}@30`,
  async *run({ dist }) {
    const lack = missing(["xvfb", "pulseaudio", "pacat"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    using folder = new Folder();
    const clip = `${folder.path}/flash.avi`;
    await makeClip(clip);
    const earLate = await calibrate();
    yield figure(["The ear's own delay, ms", "a click by pacat", "median"], earLate, "ms", 0);
    for (const player of ["ffplay", "mpv"] as const) {
      const lack = player === "mpv" ? missing(["mpv"]) : undefined;
      if (lack !== undefined) yield { note: `${player}: ${lack}` };
      else {for (const sound of soundPlayers()) {
          yield* await measure(dist, clip, player, sound, median(earLate));
        }}
    }
  },
};

/** What hearing takes; the eyes look every 0.3 ms. */
async function calibrate(): Promise<number[]> {
  await using pulse = await Pulse.open();
  return await earLateMs(pulse);
}

async function measure(
  dist: string,
  clip: string,
  player: string,
  sound: SoundPlayerName,
  earLate: number,
): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const pulse = stack.use(await Pulse.open());
  const screen = stack.use(await Screen.open());
  const programs = stack.use(new OnlyPlayer(sound));
  const { sender, port } = await startSender(dist, clip, "--loop", "--sound", "--no-announce");
  stack.use(sender);
  const receiver = stack.use(Program.start(`${dist}/receiver`, [
    ...[`127.0.0.1:${port}`, "--open", "--json", "--player", player],
  ], { ...pulse.env, ...programs.env }));
  const ear = stack.use(new Ear(pulse));
  await receiver.unlessEnded(pause(SETTLE_SECONDS * 1000));
  const since = monotonicMs();
  await receiver.unlessEnded(pause(SECONDS * 1000));
  await screen.look();
  const told = await receiver.next<{ sound_delay_ms: number; latency_p50_ms: number }>("stats");
  const clock = monotonicMs() - performance.now();
  const flashes = screen.seen.filter(({ at, number }, index) =>
    at > since && number === NUMBERS - 1 && screen.seen[index - 1]?.number === 0
  );
  const late = flashes.flatMap(({ at }) => {
    const click = ear.clicks.map((time) => time + clock - at).find((ms) => Math.abs(ms) < 500);
    return click === undefined ? [] : click - earLate;
  });
  const of = `${player}, sound by ${sound}`;
  const middle = Math.abs(median(late));
  const furthest = Math.max(...late.map(Math.abs));
  return [
    figure([TABLE, of, "median"], late, "ms", 0),
    figure([TABLE, of, "median, apart"], middle, "ms", 0, { atMost: 80 }),
    figure([TABLE, of, "furthest apart"], furthest, "ms", 0, { atMost: 80 }),
    figure([TABLE, of, "receiver tells of sound"], told.sound_delay_ms, "ms", 0),
    figure([TABLE, of, "and of pictures"], told.latency_p50_ms, "ms", 0),
    figure([TABLE, of, "flashes with a click"], late.length, "", 0, { atLeast: 20 }),
  ];
}

/** 10 s of a flash and a click at the same moment, once a second. */
async function makeClip(path: string): Promise<void> {
  const [width, height] = SIZE.split("x");
  // deno-fmt-ignore
  await using ffmpeg = Child.spawn("ffmpeg", [
    "-loglevel", "error", "-t", "10", "-f", "lavfi", "-i",
    `color=size=64x36:rate=30,format=gray,geq=lum='${FLASH}',` +
      `scale=${width}:${height}:flags=neighbor:in_range=pc:out_range=pc,format=yuvj420p`,
    "-t", "10", "-f", "lavfi", "-i", `aevalsrc=exprs='${CLICK}':s=48000`,
    "-c:v", "mjpeg", "-q:v", "3", "-c:a", "pcm_s16le", "-y", path,
  ]);
  if (!(await ffmpeg.status).success) {
    throw new Error(`Cannot make a video: ${ffmpeg.tail.join("\n")}`);
  }
}
