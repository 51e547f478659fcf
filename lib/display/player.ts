/**
 * A player program that shows frames in its window.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { defined } from "../base/defined.ts";
import { CamcatError } from "../base/errors.ts";
import { safeText } from "../base/text.ts";
import { Child } from "../program/child.ts";
import { PlayerBacklog } from "./player_backlog.ts";
import type { PlayerInput } from "./player_input.ts";
import type { PlayerName } from "./players.ts";
import { TitleBar } from "./title_bar.ts";

/** How often to check whether ffplay still reports, in milliseconds. */
const REPORTS_MS = 500;

/** Where a window opens, where the system lets programs decide that. */
export interface WindowPlace {
  /** Pixels from the left of the screen. */
  left: number;
  /** Pixels from the top of the screen. */
  top: number;
  /** If set, the window is of this size, has no frame, and stays above others. */
  small?: { width: number; height: number };
}

/** Options of {@linkcode Player.open}. */
export interface PlayerOptions {
  /** Where the window opens. @default where the system likes */
  place?: WindowPlace | undefined;
  /** Closes the window. */
  signal?: AbortSignal;
  /** Called with every line that the player writes. */
  onLine?: (line: string) => void;
}

/** A player in its window. */
export class Player implements AsyncDisposable {
  /** Resolves when the player has exited: with nothing if the user closed it, else with the reason. */
  readonly ended: Promise<CamcatError | undefined>;

  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #titleBar: TitleBar;
  #backlog: PlayerBacklog;
  #last: Uint8Array = new Uint8Array();
  #isClosed = false;

  private constructor(
    name: PlayerName,
    child: Child,
    input: PlayerInput,
    titleBar: TitleBar,
    backlog: PlayerBacklog,
  ) {
    this.#child = child;
    this.#backlog = backlog;
    this.#writer = child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // its status shows that it has exited
    this.#titleBar = titleBar;
    // When its window is closed, ffplay stops reporting, but exits only when it has something to
    // read. There may be no other picture for long, or we may wait for its next report.
    const watch = setInterval(() => {
      if (backlog.fellSilent()) this.#writer.write(input.filler(this.#last)).catch(() => {});
    }, REPORTS_MS);
    this.ended = child.status.then((status) => {
      clearInterval(watch);
      titleBar[Symbol.dispose]();
      backlog.end();
      return this.#isClosed || isClosedByUser(status)
        ? undefined
        : failureOf(name, status, child.tail);
    });
  }

  /**
   * Checks that a window can be opened, before there is something to show.
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
    { signal, onLine, place }: PlayerOptions = {},
  ): Player {
    const display = findDisplay();
    const titleBar = new TitleBar(safeText(title), display === "x11");
    const args = name === "mpv"
      ? [`--title=$>${titleBar.first}`] // `$>` turns off the expansion of what follows
      : ["-window_title", titleBar.first];
    if (place !== undefined) args.push(...PLACE[name](place));
    const backlog = new PlayerBacklog();
    const child = Child.spawn(name, [...ARGS[name](input.args[name]), ...args], {
      stdin: "piped",
      stdout: "lines", // where mpv says what is wrong
      isNoise: (line) => backlog.read(line),
      ...defined({ onLine }),
      env: {
        // Without it SDL silently falls back to a driver that shows nothing.
        ...(display === undefined ? {} : { SDL_VIDEODRIVER: display }),
        ...(hasGpu() ? {} : { SDL_RENDER_DRIVER: "software" }),
      },
    });
    const player = new Player(name, child, input, titleBar, backlog);
    // At once, because a stuck player may never take the frame that is being written.
    const closing = onAbort(signal, () => void player[Symbol.asyncDispose]());
    child.status.then(() => closing[Symbol.dispose]());
    return player;
  }

  /**
   * Shows a picture in the format of its {@linkcode PlayerInput}; resolves when the player has
   * taken it and has not fallen behind.
   */
  async show(picture: Uint8Array): Promise<void> {
    this.#last = picture;
    try {
      await this.#writer.write(picture);
      await this.#backlog.below(picture.length);
    } catch {
      // The player has exited: see `ended`.
    }
  }

  /** Changes the title of the window, where that is possible. */
  setTitle(title: string): void {
    this.#titleBar.set(safeText(title));
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
    "-stats", // for PlayerBacklog
    ...input, "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-framedrop",
    "-vf", "setpts=0", // every frame is due at once
    "-an", "-autoexit", // without it, it would stay open after us
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

const PLACE: Record<PlayerName, (place: WindowPlace) => string[]> = {
  ffplay: ({ left, top, small }) => [
    ...["-left", `${left}`, "-top", `${top}`],
    ...(small === undefined
      ? []
      : ["-x", `${small.width}`, "-y", `${small.height}`, "-noborder", "-alwaysontop"]),
  ],
  mpv: ({ left, top, small }) => [
    `--geometry=${small === undefined ? "" : `${small.width}x${small.height}`}+${left}+${top}`,
    ...(small === undefined ? [] : ["--no-border", "--ontop"]),
  ],
};

/** Whether the user has closed the window, or a signal asked all programs of the terminal to exit. */
function isClosedByUser({ success, code, signal }: Deno.CommandStatus): boolean {
  // After such a signal ffplay ends with 123, and mpv with 4.
  return success || code === 123 || code === 4 || /^SIG(INT|TERM|HUP)$/.test(signal ?? "");
}

function failureOf(
  name: string,
  { code, signal }: Deno.CommandStatus,
  tail: string[],
): CamcatError {
  const details = tail.join("\n");
  return new CamcatError(
    /SDL|display|video_out/i.test(details)
      ? `Cannot open a window: the display refused it. Check DISPLAY, or ${WITHOUT}`
      : `Cannot show the picture any more: ${name} ${
        signal === null ? `exited with status ${code}` : `was killed by ${signal}`
      }. ` +
        `Start again with --verbose to see the messages of ${name}`,
    { details },
  );
}

/** What to do where no window can be opened. */
const WITHOUT = "go without a window (--no-display, or sender without --preview)";

/** SDL's name of the display to use; undefined where the system has only one. */
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
 * Whether the player may draw with OpenGL. Without a GPU, SDL's software renderer takes two thirds
 * of the time, and pictures appear some milliseconds earlier.
 */
function hasGpu(): boolean {
  if (Deno.build.os !== "linux" || Deno.env.get("SDL_RENDER_DRIVER")) return true;
  try {
    return Deno.statSync("/dev/dri").isDirectory;
  } catch {
    return false;
  }
}
