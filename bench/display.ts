/**
 * From the player's input to the screen.
 *
 * @module
 */

import { Child } from "../lib/child.ts";
import type { Frame } from "../lib/frame.ts";
import { Player } from "../lib/player.ts";
import { JPEG_PARTS, partOf, type PlayerName, PLAYERS } from "../lib/player_input.ts";
import { pictures } from "./clip.ts";
import { type Figure, median, quantile, type Row } from "./figures.ts";
import { Program } from "./program.ts";
import { monotonicMs, pause } from "./system.ts";
import { Folder, Undo } from "./undo.ts";

const SIZE = "1280x720";
/** Brightness in the middle of the pictures, one after another: it tells which one is seen. */
const LEVELS = [30, 60, 90, 120, 150, 180, 210, 240];
/** Brightness is not kept exactly by JPEG. */
const TOLERANCE = 8;
const SETTLE_SECONDS = 2;
/** How long to wait for a picture after which nothing comes. */
const ALONE_MS = 3000;

/** A picture on its way: what it shows and when it was written. */
interface Written {
  level: number;
  at: number;
}

/** The row. A player that has fallen behind gets fewer pictures, as in the receiver. */
export const display: Row = {
  about: `picture written to the player to pixels changed on an Xvfb screen, ${SIZE}`,
  async *run(bench) {
    const box = (level: number, index: number) => {
      const color = level.toString(16).padStart(2, "0").repeat(3);
      const when = `enable='eq(mod(n,${LEVELS.length}),${index})'`;
      return `drawbox=x=iw/3:y=ih/3:w=iw/3:h=ih/3:t=fill:color=0x${color}:${when}`;
    };
    const frames = await pictures(SIZE, LEVELS.length, `format=rgb24,${LEVELS.map(box).join(",")}`);
    await using screen = await Screen.open();
    for (const player of PLAYERS) {
      yield* alone(player, frames[LEVELS.length - 1], screen);
      for (const fps of [15, 30, 60]) {
        yield* stream(player, fps, frames, screen, bench.long ? 60 : 10);
      }
    }
  },
};

/**
 * The very first picture, and nothing after it: when it is there to stay. Windows
 * may be cleared once more just after they have opened.
 */
async function* alone(name: PlayerName, frame: Frame, screen: Screen): AsyncGenerator<Figure> {
  screen.changes.length = 0;
  const at = monotonicMs();
  await using player = Player.open(name, JPEG_PARTS, "bench");
  const shown = player.show(partOf(frame));
  while (monotonicMs() - at < ALONE_MS) await screen.look();
  const [time, level] = screen.changes.at(-1) ?? [NaN, NaN];
  const stays = Math.abs(level - LEVELS.at(-1)!) <= TOLERANCE;
  const flash = match([{ level: LEVELS.at(-1)!, at }], screen.changes)[0];
  yield {
    what: `${name}, first picture alone, there to stay`,
    value: stays
      ? `${(time - at).toFixed(0)} ms (first seen: ${flash?.toFixed(0)})`
      : flash === undefined
      ? "not shown"
      : `only flashed up, at ${flash.toFixed(0)} ms`,
    ...(name === PLAYERS[0] ? { target: "shown", met: stays } : {}),
  };
  await player[Symbol.asyncDispose]();
  await shown;
}

async function* stream(
  name: PlayerName,
  fps: number,
  frames: Frame[],
  screen: Screen,
  seconds: number,
): AsyncGenerator<Figure> {
  screen.changes.length = 0;
  const written: Written[] = [];
  {
    await using player = Player.open(name, JPEG_PARTS, "bench");
    await player.show(partOf(frames[0]));
    const since = monotonicMs();
    for (let due = 0; due < SETTLE_SECONDS + seconds;) {
      const at = monotonicMs();
      const number = written.length % frames.length;
      written.push({ level: LEVELS[number], at });
      await player.show(partOf(frames[number]));
      const late = (monotonicMs() - since) / 1000;
      do due += 1 / fps; while (due < late); // there is a newer picture by then
      await pause(since + due * 1000 - monotonicMs());
    }
    await screen.look();
    await screen.look();
  }
  const measured = written.filter(({ at }) => at > written[0].at + SETTLE_SECONDS * 1000);
  const seen = match(measured, screen.changes);
  const ms = seen.filter((delay) => delay !== undefined);
  const third = Math.floor(ms.length / 3);
  const growth = median(ms.slice(-third)) - median(ms.slice(0, third));
  const middle = median(ms);
  const isDefault = name === PLAYERS[0];
  yield {
    what: `${name} @${fps}, median (p95)`,
    value: `${middle.toFixed(1)} ms (${quantile(ms, 0.95).toFixed(1)})`,
    ...(isDefault ? { target: "< 20 ms", met: middle < 20 } : {}),
  };
  yield {
    what: `${name} @${fps}, growth, first to last third`,
    value: `${growth.toFixed(1)} ms`,
    ...(isDefault ? { target: "<= 2 ms", met: growth <= 2 } : {}),
  };
  yield {
    what: `${name} @${fps}, pictures seen / written / captured`,
    value: `${ms.length} / ${measured.length} / ${seconds * fps}`,
  };
}

/** After how many milliseconds each picture was seen; undefined if it was not. */
function match(written: Written[], changes: [at: number, level: number][]): (number | undefined)[] {
  return written.map(({ level, at }, index) => {
    const until = written[index + LEVELS.length]?.at ?? Infinity; // it looks the same
    const change = changes.find(([time, seen]) =>
      time >= at && time < until && Math.abs(seen - level) <= TOLERANCE
    );
    return change === undefined ? undefined : change[0] - at;
  });
}

/** A screen without a monitor, just as large as the pictures, and what is seen on it. */
class Screen implements AsyncDisposable {
  /** Brightness in the middle, whenever it changed. */
  readonly changes: [at: number, level: number][] = [];

  #eyes: Program;
  #stack: AsyncDisposableStack;

  private constructor(eyes: Program, stack: AsyncDisposableStack) {
    this.#eyes = eyes;
    this.#stack = stack;
    this.#watch().catch(() => {}); // they are closed in the end
  }

  /** Opens it; the players find it by the environment of this program. */
  static async open(): Promise<Screen> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(new Folder());
    // deno-fmt-ignore
    const server = stack.use(Child.spawn("Xvfb", [
      "-displayfd", "1", "-screen", "0", `${SIZE}x24`, "-fbdir", folder.path,
      "-noreset", "-nolisten", "tcp",
    ], { stdout: "piped" }));
    // It writes its number when it is ready, and dies if nobody reads the line to its end.
    const reader = server.process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let number = "";
    while (!number.endsWith("\n")) {
      const { value } = await reader.read();
      if (value === undefined) throw new Error(`Cannot open a screen: ${server.tail.join("\n")}`);
      number += value;
    }
    await reader.cancel();
    const eyes = stack.use(Program.peer("eyes", `${folder.path}/Xvfb_screen0`));
    await eyes.next("looking");
    stack.use(
      environment({ DISPLAY: `:${number.trim()}`, SDL_VIDEODRIVER: "", WAYLAND_DISPLAY: "" }),
    );
    return new Screen(eyes, stack.move());
  }

  /** Waits until all is taken in that was seen by now. */
  async look(): Promise<void> {
    await this.#eyes.next("seen");
  }

  async #watch(): Promise<void> {
    for (;;) {
      const { changes } = await this.#eyes.next<{ changes: [number, number][] }>("seen");
      this.changes.push(...changes);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Changes the environment for the time being. */
function environment(changes: Record<string, string>): Undo {
  const before = Object.keys(changes).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(changes)) Deno.env.set(name, value);
  return new Undo(() => {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  });
}
