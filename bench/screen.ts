/**
 * A screen without a monitor.
 *
 * @module
 */

import { Child } from "../lib/program/child.ts";
import { numberOf, SIZE } from "./numbered.ts";
import { Program } from "./program.ts";
import { Folder, Undo } from "./undo.ts";

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
