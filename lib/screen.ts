/**
 * The receiver's window, and what it shows when there is nothing new.
 *
 * @module
 */

import { now } from "./clock.ts";
import type { CamcatError } from "./errors.ts";
import { Frame } from "./frame.ts";
import { sizeOf } from "./jpeg.ts";
import { NO_SIGNAL_MS, noSignal } from "./no_signal.ts";
import { Player, type PlayerName, type PlayerOptions } from "./player.ts";
import type { ReceiveEvent } from "./receive.ts";

/** A window that opens with the first frame and stays while the sender comes and goes. */
export class Screen implements AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly closed: Promise<CamcatError | undefined>;

  #playerName: PlayerName;
  #from: string;
  #options: PlayerOptions;
  #player: Player | undefined;
  #stream: string | undefined;
  #trouble = "";
  #last: Frame | undefined;
  #ticker: ReturnType<typeof setTimeout> | undefined;
  #close!: (error: CamcatError | undefined) => void;

  /**
   * @param from where the picture comes from, for the title
   * @throws {CamcatError} if there is no display, or the player is not installed
   */
  constructor(playerName: PlayerName, from: string, options: PlayerOptions) {
    Player.check(playerName);
    this.#playerName = playerName;
    this.#from = from;
    this.#options = options;
    this.closed = new Promise((resolve) => this.#close = resolve);
  }

  /** Shows a frame; resolves when the player has taken it. */
  async show(frame: Frame): Promise<void> {
    this.#endNoSignal();
    this.#last?.release();
    this.#last = frame.retain();
    if (this.#player === undefined) {
      this.#player = Player.open(this.#playerName, this.#title, this.#options);
      this.#player.ended.then(this.#close);
    }
    await this.#player.show(frame);
  }

  /** Lets title and picture tell what happened to the connection. */
  follow(event: ReceiveEvent): void {
    if (event.type === "stream") {
      this.#stream = event.name;
      this.#trouble = event.live ? "" : `NOT LIVE: ${event.reason}`;
    } else if (event.type === "lost") {
      this.#trouble = `NOT LIVE: ${event.reason}. Trying again`;
      this.#beginNoSignal();
    }
    this.#player?.setTitle(this.#title);
  }

  get #what(): string {
    return this.#stream === undefined ? this.#from : `${this.#stream} (${this.#from})`;
  }

  get #title(): string {
    return this.#trouble === "" ? this.#what : `${this.#what} - ${this.#trouble}`;
  }

  /** Shows that nothing comes any more: the sender, which would tell so itself, cannot. */
  #beginNoSignal(): void {
    const player = this.#player;
    if (player === undefined || this.#ticker !== undefined) return;
    const size = this.#last && sizeOf(this.#last.jpeg);
    const since = now();
    let isTaken = true; // by the player, which may be stuck
    const show = async () => {
      if (!isTaken) return;
      isTaken = false;
      const time = now();
      await player.show(Frame.from(noSignal(this.#what, since, time, size), { time }));
      isTaken = true;
    };
    this.#ticker = setInterval(show, NO_SIGNAL_MS);
    show();
  }

  #endNoSignal(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#endNoSignal();
    await this.#player?.[Symbol.asyncDispose]();
  }
}
