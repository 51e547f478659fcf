/**
 * The receiver's window, and what it shows when there is nothing new.
 *
 * @module
 */

import { Title } from "../receive/title.ts";
import type { CamcatError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import type { Output } from "../receive/output.ts";
import { Player, type PlayerOptions } from "./player.ts";
import { JPEG_PARTS, type PlayerName } from "./player_input.ts";
import { partOf } from "../jpeg/mpjpeg.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/receive.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";

/** A window that opens with the first frame and stays while the sender comes and goes. */
export class WindowOutput implements Output {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly ended: Promise<CamcatError | undefined>;

  #playerName: PlayerName;
  #caption: Title;
  #options: PlayerOptions;
  #player: Player | undefined;
  #last: Frame | undefined;
  #standby = new NoSignalLoop(async (frame) => await this.#player?.show(partOf(frame)));
  #close!: (error: CamcatError | undefined) => void;

  /**
   * @param from where the picture comes from, for the title
   * @throws {CamcatError} if there is no display, or the player is not installed
   */
  constructor(playerName: PlayerName, from: string, options: PlayerOptions) {
    Player.check(playerName);
    this.#playerName = playerName;
    this.#caption = new Title(from);
    this.#options = options;
    this.ended = new Promise((resolve) => this.#close = resolve);
  }

  /** Shows a frame; resolves when the player has taken it. */
  async take({ frame }: ReceivedFrame): Promise<void> {
    this.#standby.end();
    this.#last?.release();
    this.#last = frame.retain();
    if (this.#player === undefined) {
      this.#player = Player.open(this.#playerName, JPEG_PARTS, this.#caption.text, this.#options);
      this.#player.ended.then(this.#close);
    }
    await this.#player.show(partOf(frame));
  }

  /** Lets title and picture tell what happened to the connection. */
  follow(event: ReceiveEvent): void {
    this.#caption.follow(event);
    // The sender, which would tell so itself, cannot.
    if (event.type === "lost" && this.#player) {
      this.#standby.begin(this.#caption.what, this.#last && sizeOf(this.#last.jpeg));
    }
    this.#player?.setTitle(this.#caption.text);
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#standby.end();
    await this.#player?.[Symbol.asyncDispose]();
  }
}
