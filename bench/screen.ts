/**
 * A screen without a monitor, and pictures that can be told from each other on it.
 *
 * @module
 */

import { Child } from "../lib/child.ts";
import { Program } from "./program.ts";
import { Folder, Undo } from "./undo.ts";

/** The size of the screen. */
export const SCREEN = "1280x720";

/** Steps of brightness: the left half of the middle counts by one, the right by STEPS. */
const STEPS = 12;
const [DARKEST, STEP] = [20, 18];
/** Brightness is not kept exactly by JPEG, nor by players. */
const TOLERANCE = 8;

/** How many pictures there are that can be told from each other. */
export const NUMBERS = STEPS * STEPS;

/** A filter for ffmpeg that writes its number into every picture, counted up to {@linkcode NUMBERS}. */
export const NUMBERED = (() => {
  const digit = `if(lt(X,1),mod(N,${STEPS}),mod(floor(N/${STEPS}),${STEPS}))`;
  const [width, height] = SCREEN.split("x").map((side) => Number(side) / 3);
  return `format=gray,scale=2:1,geq=lum='${DARKEST}+${STEP}*${digit}',` +
    `scale=${Math.round(width / 2) * 4}:${Math.round(height / 2) * 2}:flags=neighbor`;
})();

/** The number of a picture by the brightness of its two halves. */
export function numberOf([left, right]: [number, number]): number | undefined {
  const digits = [left, right].map((level) => {
    const digit = Math.round((level - DARKEST) / STEP);
    const isOne = digit >= 0 && digit < STEPS &&
      Math.abs(level - DARKEST - STEP * digit) <= TOLERANCE;
    return isOne ? digit : NaN;
  });
  const number = digits[0] + STEPS * digits[1];
  return Number.isNaN(number) ? undefined : number;
}

/** A number that appeared on the screen. */
export interface Appearance {
  /** When, in milliseconds on the clock of `monotonicMs()`. */
  at: number;
  /** Which. */
  number: number;
}

/** The screen, and what is seen on it. */
export class Screen implements AsyncDisposable {
  /** What has appeared on it, in order. */
  readonly seen: Appearance[] = [];

  #eyes: Program;
  #stack: AsyncDisposableStack;

  private constructor(eyes: Program, stack: AsyncDisposableStack) {
    this.#eyes = eyes;
    this.#stack = stack;
    this.#watch().catch(() => {}); // they are closed in the end
  }

  /** Opens it; players find it by the environment of this program. */
  static async open(): Promise<Screen> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(new Folder());
    // deno-fmt-ignore
    const server = stack.use(Child.spawn("Xvfb", [
      "-displayfd", "1", "-screen", "0", `${SCREEN}x24`, "-fbdir", folder.path,
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
    await this.#eyes.next("seen");
  }

  async #watch(): Promise<void> {
    for (;;) {
      const { changes } = await this.#eyes.next<{ changes: [number, [number, number]][] }>("seen");
      for (const [at, levels] of changes) {
        const number = numberOf(levels);
        if (number !== undefined) this.seen.push({ at, number });
      }
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
