/**
 * A player program that plays sound.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { defined } from "../base/defined.ts";
import { findProgram } from "../program/find_program.ts";
import { CHANNELS, FRAMES_PER_MS, type Pcm, toS16le } from "./pcm.ts";
import { PlayerClock } from "./player_clock.ts";

/** A player that does not go on for this long hangs, in milliseconds. */
const HANGS_MS = 3000;
/** One that does not even begin. */
const NEVER_BEGINS_MS = 10_000;

const RATE = FRAMES_PER_MS * 1000;

/** How to run a player, and what it reports. */
interface Player {
  args: string[];
  /** How much must wait in it, in milliseconds. */
  marginMs: number;
  /** Finds the position in a report, in seconds. */
  position: RegExp;
  /** A line that says that it has run short. */
  ranShort?: RegExp;
  /** Another line that is no message. */
  noise: RegExp;
}

// deno-fmt-ignore
const PLAYERS = {
  /** Of PulseAudio, and works with PipeWire too: heard some 30 ms after it is written. */
  pacat: {
    args: [
      "--playback", "--raw", "--format=s16le", `--rate=${RATE}`, `--channels=${CHANNELS}`,
      "--latency-msec=20", "--process-time-msec=5",
      "--client-name=camcat", "--stream-name=camera",
      "--verbose", // reports the position
    ],
    marginMs: 25,
    position: /^Time: (\d+\.\d+) sec;/,
    ranShort: /^Stream underrun/,
    noise: /^Stream started|^\s*$/, // the former after each underrun
  },
  /** Everywhere: heard some 70 ms after it is written. */
  ffplay: {
    args: [
      "-hide_banner", "-loglevel", "error", "-nodisp",
      "-stats", // reports the position
      "-f", "s16le", "-ar", `${RATE}`, "-ac", `${CHANNELS}`,
      "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer", "-flags", "low_delay",
      "-autoexit", "-i", "pipe:0",
    ],
    marginMs: 85,
    position: /^\s*(\d+\.\d+) M-A:/,
    noise: / aq= *\d+KB|^\s*$/, // before it has a position
  },
} satisfies Record<string, Player>;

/** The name of a player. */
export type SoundPlayerName = keyof typeof PLAYERS;

/** The players of this machine, the one with the least delay first. */
export function soundPlayers(): SoundPlayerName[] {
  const hasPulse = Deno.build.os !== "windows" && findProgram("pacat") !== undefined;
  return hasPulse ? ["pacat", "ffplay"] : ["ffplay"];
}

/** A running player. It is written to just in time, so that nothing waits in it for long. */
export class SoundPlayer implements AsyncDisposable {
  /** Its name. */
  readonly name: SoundPlayerName;
  /** Resolves with why it has ended. */
  readonly ended: Promise<string>;

  #child: Child;
  #clock: PlayerClock;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #hangs = false;

  /**
   * Starts it.
   *
   * @param options.onLine called with every line that it writes
   * @param options.sink PulseAudio's name of where to play. @default the default of the system
   * @throws {CamcatError} if it is not installed
   */
  constructor(
    name: SoundPlayerName,
    { onLine, sink }: { onLine?: ((line: string) => void) | undefined; sink?: string | undefined } =
      {},
  ) {
    this.name = name;
    const player: Player = PLAYERS[name];
    const clock = this.#clock = new PlayerClock(player.marginMs, performance.now());
    this.#child = Child.spawn(name, player.args, {
      stdin: "piped",
      isNoise: (line) => {
        const [, seconds] = player.position.exec(line) ?? [];
        if (seconds !== undefined) clock.report(Number(seconds) * 1000, performance.now());
        const ranShort = player.ranShort?.test(line) ?? false;
        if (ranShort) clock.ranShort(performance.now());
        return seconds !== undefined || ranShort || player.noise.test(line);
      },
      env: {
        LC_ALL: "C", // for its reports
        ...(sink === undefined ? {} : { PULSE_SINK: sink }),
      },
      ...defined({ onLine }),
    });
    this.#writer = this.#child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // its status shows that it has exited
    this.ended = this.#child.status.then(async () => {
      await this.#writer.abort().catch(() => {}); // frees the pipe
      return this.#hangs
        ? "it does not respond"
        : this.#child.tail.at(-1)?.trim() || "it has exited";
    });
  }

  /** Whether it has begun to play: then it works. */
  get hasBegun(): boolean {
    return this.#clock.hasBegun;
  }

  /** How much later a sample written now is heard, in milliseconds. */
  get delayMs(): number {
    return this.#clock.waitingMs(performance.now());
  }

  /** How many sample frames to write now. Ends the player if it hangs. */
  get room(): number {
    const now = performance.now();
    const limitMs = this.hasBegun ? HANGS_MS : NEVER_BEGINS_MS;
    if (!this.#hangs && this.#clock.stalledMs(now) > limitMs) {
      this.#hangs = true;
      this.#child.kill();
    }
    return this.#hangs ? 0 : Math.floor(this.#clock.roomMs(now) * FRAMES_PER_MS);
  }

  /** Gives it the next samples. */
  write(pcm: Pcm): void {
    this.#clock.wrote(pcm.length / CHANNELS / FRAMES_PER_MS, performance.now());
    this.#writer.write(toS16le(pcm)).catch(() => {}); // it has exited: see `ended`
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.kill();
    await this.ended;
  }
}
