/**
 * The own picture of a call, in a small window.
 *
 * @module
 */

import { LatestSlot } from "../jpeg/latest_slot.ts";
import type { Frame } from "../jpeg/frame.ts";
import { copiedPartOf } from "../jpeg/mpjpeg.ts";
import { CamcatError } from "../base/errors.ts";
import { Player, type PlayerOptions, type WindowPlace } from "../display/player.ts";
import { jpegParts } from "../display/player_input.ts";
import type { PlayerName } from "../display/players.ts";
import type { EncodedFrame } from "../send/encoded_frame.ts";
import { type PictureSize, sizeOf } from "../jpeg/markers.ts";
import type { FrameSink } from "../send/frame_sink.ts";
import { FAR_PLACE } from "./far_end.ts";

/** The largest part of the far picture that the own one covers. */
const [MAX_WIDTH_SHARE, MAX_HEIGHT_SHARE] = [1 / 5, 1 / 3];
/** The own picture is at least, and at most, so wide. */
const [MIN_WIDTH, MAX_WIDTH] = [128, 384];
/** From the corner of the far window to the own one: it clears a title bar of usual height. */
const [RIGHT, DOWN] = [16, 48];

/** Options of {@linkcode OwnPicture}. */
export interface OwnPictureOptions extends Omit<PlayerOptions, "place"> {
  /** The size of the far picture, if it is known. */
  farSize: PictureSize | undefined;
}

/** Shows what a hub sends, without a connection between: the newest picture wins here too. */
export class OwnPicture implements FrameSink, AsyncDisposable {
  /** Resolves when the user has closed the window, or with why it could not be opened. */
  readonly ended: Promise<CamcatError | undefined>;
  readonly sentBytes = 0;
  readonly droppedFrames = 0;
  readonly silentSeconds = 0;
  readonly settled: Promise<void> = Promise.resolve();

  #open: (frame: Frame) => Player;
  #player: Player | undefined;
  #isClosed = false;
  #end = Promise.withResolvers<CamcatError | undefined>();
  #waiting = new LatestSlot<{ frame: Frame }>();
  #isBusy = false;
  #left = Promise.withResolvers<string>();

  /** Opens the window with the first picture. */
  constructor(player: PlayerName, title: string, options: OwnPictureOptions) {
    this.#open = (frame) => {
      const place = cornerOf(options.farSize, sizeOf(frame.jpeg));
      return Player.open(player, jpegParts(), title, { ...options, place });
    };
    this.ended = this.#end.promise;
    this.ended.then(() => this.#left.resolve("closed"));
  }

  /** Resolves when it is left, or the window is closed. */
  run(): Promise<string> {
    return this.#left.promise;
  }

  /** Shows the newest frame. */
  offer({ frame }: EncodedFrame): void {
    if (this.#isClosed) return;
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
    this.#isClosed = true;
    this.#left.resolve("closed");
    await this.#player?.[Symbol.asyncDispose]();
    this.#waiting.take()?.frame.release();
  }

  async #show(frame: Frame): Promise<void> {
    try {
      this.#player ??= this.#begin(frame);
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      this.#isClosed = true;
      return this.#end.resolve(error);
    }
    this.#isBusy = true;
    await this.#player.show(copiedPartOf(frame));
    this.#isBusy = false;
    const next = this.#waiting.take();
    if (next === undefined) return;
    this.offer(next as EncodedFrame);
    next.frame.release();
  }

  #begin(frame: Frame): Player {
    const player = this.#open(frame);
    player.ended.then((error) => this.#end.resolve(error));
    return player;
  }
}

/** Where the own picture is, in the upper left corner of the far one, and how large. */
export function cornerOf(far?: PictureSize, own?: PictureSize): WindowPlace {
  const { width: farWidth, height: farHeight } = far ?? { width: 0, height: 0 };
  const shape = own && own.height > 0 ? own.width / own.height : 4 / 3;
  const widest = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, farWidth * MAX_WIDTH_SHARE));
  const highest = Math.max(MIN_WIDTH, farHeight * MAX_HEIGHT_SHARE);
  const width = Math.min(widest, highest * shape);
  return {
    left: FAR_PLACE.left + RIGHT,
    top: FAR_PLACE.top + DOWN,
    small: { width: Math.round(width), height: Math.round(width / shape) },
  };
}
