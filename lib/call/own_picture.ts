/**
 * The own picture of a call, in a small window.
 *
 * @module
 */

import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { Frame } from "../jpeg/frame.ts";
import { partOf } from "../jpeg/mpjpeg.ts";
import type { CamcatError } from "../base/errors.ts";
import { Player, type PlayerOptions } from "../display/player.ts";
import { jpegParts } from "../display/player_input.ts";
import type { PlayerName } from "../display/players.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";
import type { FrameSink } from "../send/frame_sink.ts";

/** Shows what a hub sends, without a connection between: the newest picture wins here too. */
export class OwnPicture implements FrameSink, AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly ended: Promise<CamcatError | undefined>;
  readonly sentBytes = 0;
  readonly droppedFrames = 0;
  readonly silentSeconds = 0;
  readonly settled: Promise<void> = Promise.resolve();

  #player: Player;
  #waiting = new LatestSlot<{ frame: Frame }>();
  #isBusy = false;
  #left = Promise.withResolvers<string>();

  /** @throws {CamcatError} if there is no display, or the player is not installed */
  constructor(player: PlayerName, title: string, options: PlayerOptions) {
    this.#player = Player.open(player, jpegParts(), title, options);
    this.ended = this.#player.ended;
    this.ended.then(() => this.#left.resolve("closed"));
  }

  /** Resolves when it is left, or the window is closed. */
  run(): Promise<string> {
    return this.#left.promise;
  }

  /** Shows the newest frame. */
  offer({ frame }: EncodedFrame): void {
    if (this.#isBusy) this.#waiting.put({ frame });
    else this.#show(frame);
  }

  describe(): void {}
  tick(): void {}

  leave(reason: string): Promise<void> {
    this.#left.resolve(reason);
    return Promise.resolve();
  }

  /** Closes the window. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#left.resolve("closed");
    await this.#player[Symbol.asyncDispose]();
    this.#waiting.take()?.frame.release();
  }

  async #show(frame: Frame): Promise<void> {
    this.#isBusy = true;
    frame.retain();
    await this.#player.show(partOf(frame));
    frame.release();
    this.#isBusy = false;
    const next = this.#waiting.take();
    if (next === undefined) return;
    this.offer(next as EncodedFrame);
    next.frame.release();
  }
}
