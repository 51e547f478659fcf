/**
 * From Opus packets to the ear.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { now } from "../base/clock.ts";
import { CamcatError, messageOf } from "../base/errors.ts";
import { OpusDecoder } from "./opus_decoder.ts";
import { amplify, FRAMES_PER_MS } from "./pcm.ts";
import { Playout } from "./playout.ts";
import { SoundPlayer, type SoundPlayerName, soundPlayers } from "./sound_player.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** How often the player is given samples, and how many at least. */
const TICK_MS = 5;
const MIN_FRAMES = 5 * FRAMES_PER_MS;
/** Without sound for this long the sound card is set free, in milliseconds. */
const IDLE_MS = 10_000;

/** What happens to a speaker. */
export type SpeakerEvent =
  /** Sound is heard. */
  | { type: "playing"; player: SoundPlayerName }
  /** Sound cannot be played at the moment. */
  | { type: "failed"; reason: string };

/** Options of {@linkcode Speaker}. */
export interface SpeakerOptions {
  /** Stops it. */
  signal: AbortSignal;
  /** Called when it begins to play, and when it cannot. The same is told once. */
  onEvent?: (event: SpeakerEvent) => void;
  /** Called with every line that a player writes. */
  onLine?: (line: string) => void;
  /** PulseAudio's name of where to play now. @default that of the system */
  sink?: () => Promise<string | undefined>;
}

/**
 * Plays packets through the player of this machine that has the least delay. The newest wins: what
 * has waited is thrown away. A player that fails is started again; the sound card is in use only
 * while packets come.
 */
export class Speaker implements AsyncDisposable {
  /** The volume, from 0 to 1. */
  volume = 1;

  #options: SpeakerOptions;
  #stop = new AbortController();
  #stopping: Disposable;
  #decoder: OpusDecoder | undefined;
  #loading: Promise<void> | undefined;
  #playout = new Playout();
  #player: SoundPlayer | undefined;
  #running: Promise<void> | undefined;
  /** The player that has worked: another one could take the sound card from its server. */
  #worked: SoundPlayerName | undefined;
  #told = "";
  #volume = 1;
  /** The number of the packet that is due. */
  #next: number | undefined;
  #heardAt = 0;
  /** Our clock minus the sender's, in milliseconds, if known. */
  #offsetMs: number | undefined;
  #delayMs: number | undefined;
  #levelDb: number | undefined;

  /** Makes a speaker that uses no sound card until the first packet. */
  constructor(options: SpeakerOptions) {
    this.#options = options;
    this.#stopping = onAbort(options.signal, () => this.#stop.abort());
  }

  /** From the microphone to the ear, in milliseconds, if known. */
  get delayMs(): number | undefined {
    return this.#player?.hasBegun ? this.#delayMs : undefined;
  }

  /** How loud it is, in decibels below the loudest possible; undefined while there is no sound. */
  get levelDb(): number | undefined {
    return this.#isIdle(1000) ? undefined : this.#levelDb;
  }

  /** Holds sound back, so that it is not heard before the picture is seen. */
  set holdMs(ms: number) {
    this.#playout.holdMs = ms;
  }

  /** How long sound is held back for the picture, in milliseconds. */
  get holdMs(): number {
    return this.#playout.holdMs;
  }

  /**
   * Plays a packet.
   *
   * @param capturedAt when it was recorded, in milliseconds on this machine's clock, if known
   */
  play(packet: SoundPacket, capturedAt?: number): void {
    if (this.#stop.signal.aborted) return;
    this.#heardAt = performance.now();
    this.#levelDb = packet.level;
    this.#offsetMs = capturedAt === undefined ? undefined : capturedAt - packet.time;
    if (this.#decoder === undefined || this.#decoder.isBroken) {
      this.#loading ??= this.#load();
      return; // it would only be old by then
    }
    const isAfterGap = this.#next !== undefined && packet.seq !== this.#next;
    this.#next = packet.seq + 1 >>> 0;
    const pcm = this.#decoder.decode(packet);
    this.#playout.put({ pcm, timeMs: packet.time, isAfterGap });
    this.#running ??= this.#run().finally(() => this.#running = undefined);
  }

  /** Stops, and ends the player. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping[Symbol.dispose]();
    this.#stop.abort();
    await this.#running;
  }

  async #load(): Promise<void> {
    this.#decoder = await OpusDecoder.load();
    this.#loading = undefined;
  }

  #isIdle(ms = IDLE_MS): boolean {
    return performance.now() - this.#heardAt > ms;
  }

  /** Keeps a player running while packets come. */
  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff();
    while (!signal.aborted && !this.#isIdle()) {
      const reasons: string[] = [];
      for (const name of this.#worked === undefined ? soundPlayers() : [this.#worked]) {
        const reason = await this.#runPlayer(name).catch(messageOfFailure);
        if (signal.aborted || this.#isIdle()) return;
        reasons.push(`${name}: ${reason}`);
        if (this.#worked === undefined) continue;
        backoff.reset();
        break;
      }
      this.#tell("failed", { type: "failed", reason: reasons.join("; ") });
      await wait(backoff.nextMs(), signal);
    }
  }

  /** Runs a player until it ends. @returns why */
  async #runPlayer(name: SoundPlayerName): Promise<string> {
    const sink = await this.#options.sink?.();
    await using player = new SoundPlayer(name, { ...this.#options, sink });
    this.#player = player;
    const { promise: stopped, resolve: stop } = Promise.withResolvers<string>();
    const timer = setInterval(() => {
      if (this.#stop.signal.aborted || this.#isIdle()) return stop("it is not needed");
      this.#feed(player);
    }, TICK_MS);
    using _ = onAbort(this.#stop.signal, () => stop("it is not needed"));
    try {
      return await Promise.race([player.ended, stopped]);
    } finally {
      clearInterval(timer);
      this.#player = undefined;
    }
  }

  #feed(player: SoundPlayer): void {
    const { room } = player;
    if (room < MIN_FRAMES) return;
    const { nextMs } = this.#playout;
    if (nextMs !== undefined && this.#offsetMs !== undefined) {
      this.#delayMs = now() - nextMs - this.#offsetMs + player.delayMs;
    }
    const pcm = this.#playout.take(room);
    amplify(pcm, this.#volume, this.volume);
    this.#volume = this.volume;
    player.write(pcm);
    if (!player.hasBegun) return;
    this.#worked = player.name;
    this.#tell("playing", { type: "playing", player: player.name });
  }

  #tell(state: string, event: SpeakerEvent): void {
    if (state === this.#told) return;
    this.#told = state;
    this.#options.onEvent?.(event);
  }
}

/** Why a player could not be started. */
function messageOfFailure(error: unknown): string {
  if (error instanceof CamcatError) return messageOf(error);
  throw error;
}
