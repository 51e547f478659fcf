/**
 * The output that shows the picture in a player's window.
 *
 * @module
 */

import { Title } from "../receive/title.ts";
import type { CamcatError } from "../base/errors.ts";
import type { Output } from "../receive/output.ts";
import { Player, type PlayerOptions } from "./player.ts";
import { jpegParts, type PlayerName } from "./player_input.ts";
import { partOf } from "../jpeg/mpjpeg.ts";
import type { ReceivedFrame, ReceiveEvent } from "../receive/received.ts";
import { NoSignalLoop } from "../receive/no_signal_loop.ts";

/** Options of {@linkcode WindowOutput}. */
export interface WindowOutputOptions extends PlayerOptions {
  /** The largest picture to show, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
}

/**
 * A window that opens with the first frame, and stays open while the connection is lost. The player
 * starts at once: that takes longer than the connection.
 */
export class WindowOutput implements Output {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly ended: Promise<CamcatError | undefined>;

  #title: Title;
  #player: Player;
  #isOpen = false;
  #noSignal = new NoSignalLoop(async (frame) => await this.#player.show(partOf(frame)));

  /**
   * @param from where the stream comes from, for the title
   * @throws {CamcatError} if there is no display, or the player is not installed
   */
  constructor(playerName: PlayerName, from: string, options: WindowOutputOptions) {
    this.#title = new Title(from);
    const input = jpegParts(options.maxPixels);
    this.#player = Player.open(playerName, input, this.#title.text, options);
    this.ended = this.#player.ended;
  }

  /** Shows a frame; resolves when the player has taken it. */
  async take(received: ReceivedFrame): Promise<void> {
    this.#noSignal.take(received);
    this.#isOpen = true;
    await this.#player.show(partOf(received.frame));
  }

  /** Shows the state of the connection in the title, and NO SIGNAL while nothing comes. */
  follow(event: ReceiveEvent): void {
    this.#title.follow(event);
    if (this.#isOpen) this.#noSignal.follow(event, this.#title.name);
    this.#player.setTitle(this.#title.text);
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#noSignal.end();
    await this.#player[Symbol.asyncDispose]();
  }
}
