/**
 * From the microphone to the ear, by way of a PulseAudio without hardware.
 *
 * @module
 */

import { type SoundPlayerName, soundPlayers } from "../lib/playback/sound_player.ts";
import { Pulse } from "../tests/support/pulse.ts";
import { type Figure, figure, median, type Row } from "./figures.ts";
import { Link, linkLack } from "./link.ts";
import { missing } from "./packages.ts";
import { Program } from "./program.ts";
import { CLICKS, Ear } from "./sound_ear.ts";
import { OnlyPlayer } from "./only_player.ts";
import { StoppableLink } from "./stoppable_link.ts";
import { pause } from "./system.ts";

const SETTLE_SECONDS = 8;
const SECONDS = 20;
const STOP_SECONDS = 10;
const LINK_SECONDS = 60;
const LINK_MEGABITS = 1;
/** A tone that never stops. */
const TONE = "sine=frequency=440:sample_rate=48000";
const PICTURE = ["test", "--size=1280x720", "--fps=30"];
const TABLE = "From the microphone to the ear, ms";

/** The row: what is played to one null sink is heard at another. */
export const sound: Row = {
  about: "from the microphone to the ear, beside a picture of 1280x720@30",
  async *run({ dist }) {
    const lack = missing(["pulseaudio", "pacat"]);
    if (lack !== undefined) return yield { note: `not measured: ${lack}` };
    for (const player of soundPlayers()) yield* await delays(dist, player);
    yield* await afterStop(dist);
    const noLink = linkLack();
    if (noLink !== undefined) return yield { note: `the slow link is not measured: ${noLink}` };
    yield* await overSlowLink(dist);
  },
};

async function delays(dist: string, player: SoundPlayerName): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const pulse = stack.use(await Pulse.open());
  const { port } = await sending(stack, dist, pulse);
  const programs = stack.use(new OnlyPlayer(player));
  const receiver = stack.use(listening(dist, port, { ...pulse.env, ...programs.env }));
  await pause(SETTLE_SECONDS * 1000);
  pulse.play(CLICKS);
  const ear = stack.use(new Ear(pulse));
  await receiver.unlessEnded(pause(SECONDS * 1000));
  const told = await receiver.next<{ sound_delay_ms: number; latency_p50_ms: number }>("stats");
  const heard = ear.delays().slice(2);
  const most = player === "pacat" ? 60 : 120;
  return [
    figure([TABLE, player, "clicks"], heard, "ms", 0, { atMost: most }),
    figure([TABLE, player, "what the receiver tells"], told.sound_delay_ms, "ms", 0),
    figure([TABLE, player, "clicks heard"], heard.length, "", 0),
    figure([TABLE, player, "picture, to its player"], told.latency_p50_ms, "ms", 1),
  ];
}

async function afterStop(dist: string): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const pulse = stack.use(await Pulse.open());
  const { port } = await sending(stack, dist, pulse);
  const link = stack.use(new StoppableLink(port));
  const receiver = stack.use(listening(dist, link.port, pulse.env));
  await pause(SETTLE_SECONDS * 1000);
  pulse.play(CLICKS);
  const ear = stack.use(new Ear(pulse));
  await pause(5000);
  const before = median(ear.delays().slice(2));
  // Shorter than what makes the receiver give up, which is another way to begin anew.
  link.isStopped = true;
  await pause(STOP_SECONDS * 1000 - 1500);
  link.isStopped = false;
  const resumedAt = performance.now();
  await receiver.unlessEnded(pause(8000));
  const after = ear.heard().filter(({ at }) => at > resumedAt + 2000).map(({ delayMs }) => delayMs);
  const [table, of] = [`A network that stands still for ${STOP_SECONDS - 1.5} s`, "pacat"];
  return [
    figure([table, of, "before, ms"], before, "ms", 0),
    figure([table, of, "2 s after, ms"], after[0] ?? NaN, "ms", 0, { atMost: 200 }),
    figure([table, of, "8 s after, ms"], after.at(-1) ?? NaN, "ms", 0),
  ];
}

async function overSlowLink(dist: string): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const pulse = stack.use(await Pulse.open());
  const link = stack.use(new Link(LINK_MEGABITS));
  const { port } = await sending(stack, dist, pulse, link.here);
  const [program, ...args] = link.through;
  const receiver = stack.use(Program.start(program, [
    ...[...args, `${dist}/receiver`, `${link.here}:${port}`, "--open", "--display=none", "--json"],
    ...["--sound", "--prefer=balanced"],
  ], pulse.env));
  pulse.play(TONE);
  await receiver.unlessEnded(pause(2 * SETTLE_SECONDS * 1000));
  const ear = stack.use(new Ear(pulse));
  await receiver.unlessEnded(pause(LINK_SECONDS * 1000));
  const { fps, sound_delay_ms } = await receiver.next<{ fps: number; sound_delay_ms: number }>(
    "stats",
  );
  const gaps = ear.gaps();
  const [table, of] = [`A minute at ${LINK_MEGABITS} Mbit/s, pictures adapting`, "pacat"];
  return [
    figure([table, of, "longest gap, ms"], Math.max(0, ...gaps), "ms", 0, { atMost: 60 }),
    figure([table, of, "gaps"], gaps.length, "", 0),
    figure([table, of, "microphone to ear, ms"], sound_delay_ms, "ms", 0),
    figure([table, of, "pictures, fps"], fps, "fps", 1),
  ];
}

/** Starts a sender whose microphone is the null sink. */
async function sending(
  stack: AsyncDisposableStack,
  dist: string,
  pulse: Pulse,
  host = "127.0.0.1",
): Promise<{ port: number }> {
  const options = [
    "--sound=mic.monitor",
    "--open",
    "--no-announce",
    `--listen=${host}:0`,
    "--json",
  ];
  const sender = stack.use(Program.start(`${dist}/sender`, [...PICTURE, ...options], pulse.env));
  return await sender.next<{ port: number }>("listening");
}

function listening(dist: string, port: number, env: Record<string, string>): Program {
  const options = [`127.0.0.1:${port}`, "--open", "--no-display", "--json", "--sound"];
  return Program.start(`${dist}/receiver`, options, env);
}
