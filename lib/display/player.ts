/**
 * The window: a player program that is fed with frames.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { printable } from "../base/text.ts";
import { CamcatError } from "../base/errors.ts";
import type { PlayerInput, PlayerName } from "./player_input.ts";
import { TitleBar } from "./title_bar.ts";

/** How often to look whether ffplay still reports, as it does every 30 ms. */
const REPORTS_MS = 500;

/** Options of {@linkcode Player.open}. */
export interface PlayerOptions {
  /** Closes the window. */
  signal?: AbortSignal;
  /** Called with every line that the player writes. */
  onLine?: (line: string) => void;
}

/** A player in its window. */
export class Player implements AsyncDisposable {
  /** Resolves when the player has ended: with nothing if the user closed it, or with why. */
  readonly ended: Promise<CamcatError | undefined>;

  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #titleBar: TitleBar;
  #backlog: Backlog;
  #last: Uint8Array = new Uint8Array();
  #isClosed = false;

  private constructor(
    name: PlayerName,
    child: Child,
    input: PlayerInput,
    titleBar: TitleBar,
    backlog: Backlog,
  ) {
    this.#child = child;
    this.#backlog = backlog;
    this.#writer = child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // its end is known by its status
    this.#titleBar = titleBar;
    // When its window is closed it reports no more, but ends only when it has
    // something to read: there may be no other picture for long, or we may be
    // waiting for its next report before we send one.
    const watch = setInterval(() => {
      if (backlog.fellSilent()) this.#writer.write(input.filler(this.#last)).catch(() => {});
    }, REPORTS_MS);
    this.ended = child.status.then((status) => {
      clearInterval(watch);
      titleBar[Symbol.dispose]();
      backlog.end();
      return this.#isClosed || isAskedFor(status) ? undefined : whyEnded(name, status, child.tail);
    });
  }

  /**
   * Finds out whether a window can be opened, before there is something to show.
   *
   * @throws {CamcatError} if there is no display, or the player is not installed
   */
  static check(name: PlayerName): void {
    findDisplay();
    Child.spawn(name, ["-version"]).kill();
  }

  /**
   * Starts the player. Its window opens with the first picture.
   *
   * @throws {CamcatError} if there is no display, or the player is not installed
   */
  static open(
    name: PlayerName,
    input: PlayerInput,
    title: string,
    { signal, onLine }: PlayerOptions = {},
  ): Player {
    const display = findDisplay();
    const titleBar = new TitleBar(printable(title), display === "x11");
    const args = name === "mpv"
      ? [`--title=$>${titleBar.first}`] // `$>` turns off the expansion of what follows
      : ["-window_title", titleBar.first];
    const backlog = new Backlog();
    const child = Child.spawn(name, [...ARGS[name](input.args[name]), ...args], {
      stdin: "piped",
      stdout: "lines", // where mpv says what is wrong
      isNoise: (line) => backlog.read(line),
      ...(onLine === undefined ? {} : { onLine }),
      env: {
        // Without this SDL falls back to a driver that shows nothing, and says nothing.
        ...(display === undefined ? {} : { SDL_VIDEODRIVER: display }),
        ...(hasGpu() ? {} : { SDL_RENDER_DRIVER: "software" }),
      },
    });
    // A frame that a stuck player does not take must not hold up the end.
    const player = new Player(name, child, input, titleBar, backlog);
    const close = () => void player[Symbol.asyncDispose]();
    signal?.addEventListener("abort", close);
    child.status.then(() => signal?.removeEventListener("abort", close));
    if (signal?.aborted) close();
    return player;
  }

  /**
   * Shows a picture, as its {@linkcode PlayerInput} has it; resolves when the player has
   * taken it and has not fallen behind.
   */
  async show(picture: Uint8Array): Promise<void> {
    this.#last = picture;
    try {
      await this.#writer.write(picture);
      await this.#backlog.below(picture.length);
    } catch {
      // The player has ended, which `ended` tells.
    }
  }

  /** Changes the window's title, where that can be done. */
  setTitle(title: string): void {
    this.#titleBar.set(printable(title));
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#child.kill();
    await this.#child.status;
  }
}

const ARGS: Record<PlayerName, (input: string[]) => string[]> = {
  // deno-fmt-ignore
  ffplay: (input) => [
    "-hide_banner", "-loglevel", "error",
    "-stats", // see Backlog
    ...input, "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-framedrop",
    "-vf", "setpts=0", // every frame is due at once
    "-an", "-autoexit", // without it, it would outlive us
    "-i", "pipe:0",
  ],
  // deno-fmt-ignore
  mpv: (input) => [
    "--no-config", "--input-terminal=no", "--quiet", "--msg-level=all=error",
    "--no-osc", "--profile=low-latency", "--untimed",
    "--no-audio", ...input,
    "--gpu-sw=yes", // without a GPU it would open no window at all
    "-",
  ],
};

/** Whether the user has closed the window, or all programs of the terminal were asked to end. */
function isAskedFor({ success, code, signal }: Deno.CommandStatus): boolean {
  // After such a signal ffplay ends with 123, and mpv with 4.
  return success || code === 123 || code === 4 || /^SIG(INT|TERM|HUP)$/.test(signal ?? "");
}

function whyEnded(name: string, { code, signal }: Deno.CommandStatus, tail: string[]): CamcatError {
  const details = tail.join("\n");
  return new CamcatError(
    /SDL|display|video_out/i.test(details)
      ? `Cannot open a window: the display does not let us. Check DISPLAY, or ${WITHOUT}`
      : `Cannot show the picture any more: ${name} was ended by ${
        signal ?? `an error (${code})`
      }. ` +
        "Start this again, with --verbose to see what it says",
    { details },
  );
}

/** What can be done where there is no window to be had. */
const WITHOUT = "do without (receiver --no-display, sender without --preview)";

/** What SDL calls the display to use; undefined where the system has only one. */
function findDisplay(): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const chosen = Deno.env.get("SDL_VIDEODRIVER");
  if (chosen) return chosen;
  if (Deno.env.get("DISPLAY")) return "x11";
  if (Deno.env.get("WAYLAND_DISPLAY")) return "wayland";
  throw new CamcatError(
    `Cannot open a window: there is no display. Run this in a desktop session, or ${WITHOUT}`,
  );
}

/**
 * Whether the player may draw with OpenGL. Where the processor has to do that, plain copying takes
 * two thirds of the time, and pictures are seen some milliseconds earlier.
 */
function hasGpu(): boolean {
  if (Deno.build.os !== "linux" || Deno.env.get("SDL_RENDER_DRIVER")) return true;
  try {
    return Deno.statSync("/dev/dri").isDirectory;
  } catch {
    return false;
  }
}

/**
 * How far ffplay is behind. It takes in some 25 pictures whether it can show
 * them in time or not, seconds of the past on a slow machine; but with `-stats`
 * it writes every 30 ms how many bytes wait for its decoder (`vq= 12KB`).
 */
class Backlog {
  #bytes = 0;
  #limit = Infinity;
  #caughtUp: (() => void) | undefined;
  #reports: "none yet" | "fresh" | "old" | "over" = "none yet";

  /** Reads a line that the player wrote. @returns whether it was such a report */
  read(line: string): boolean {
    const match = /\bvq=\s*(\d+)KB/.exec(line);
    if (match === null) return false;
    this.#reports = "fresh";
    this.#bytes = Number(match[1]) * 1024;
    if (this.#bytes <= this.#limit) this.#letGo();
    return true;
  }

  /** Whether reports have come, and none since the last call: true once each time. */
  fellSilent(): boolean {
    const wasOld = this.#reports === "old";
    if (this.#reports === "fresh") this.#reports = "old";
    else if (wasOld) this.#reports = "over";
    return wasOld;
  }

  /** Resolves when no more than `limit` bytes wait, or nothing is known. */
  async below(limit: number): Promise<void> {
    if (this.#bytes <= limit) return;
    this.#limit = limit;
    await new Promise<void>((resolve) => this.#caughtUp = resolve);
  }

  /** Says that there will be no other report: nobody waits any more. */
  end(): void {
    this.#bytes = 0;
    this.#letGo();
  }

  #letGo(): void {
    this.#caughtUp?.();
    this.#caughtUp = undefined;
  }
}
