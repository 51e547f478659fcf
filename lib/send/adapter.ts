/**
 * Which rendition of a camera one viewer gets.
 *
 * @module
 */

import { defined } from "../base/defined.ts";
import type { Adaptation } from "../protocol/control.ts";
import type { Rung } from "../rendition/ladder.ts";
import type { Watching } from "../rendition/rendition.ts";
import type { Ladder, Renditions } from "../rendition/renditions.ts";
import { RungChooser } from "../rendition/rung_chooser.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import type { Pacer } from "../pacing/pacer.ts";

/** How often the choice is made again, in milliseconds. */
const CHOOSE_MS = 50;
/**
 * A viewer can do without smaller pictures if its link carries at least this share of the camera's
 * own. It is low, because on a machine that is short of time every link looks slow.
 */
const BEARABLE = 1 / 3;

/**
 * Chooses the rung for one viewer and gives it the frames of that rung. The viewer keeps what it has
 * until the first frame of another rendition is there.
 */
export class Adapter {
  #renditions: Renditions<EncodedFrame>;
  #pacer: Pacer;
  #take: (frame: EncodedFrame) => void;
  #wishes: Adaptation = {};
  #chooser = new RungChooser();
  #ladder: Ladder | undefined;
  #generation = -1;
  #chosenAt = -Infinity;
  /** Whether the pictures may be larger than they are shown, because the machine is short of time. */
  #isWhole = false;
  /** Whether the camera's own pictures are larger than the viewer takes. */
  #isTooLarge = false;
  /** The rung that is sent, and the one that is about to be; a source is not watched. */
  #current: Watched | undefined;
  #next: Watched | undefined;

  /** @param take receives the frames of renditions; those of the source are not its business */
  constructor(
    renditions: Renditions<EncodedFrame>,
    pacer: Pacer,
    take: (frame: EncodedFrame) => void,
  ) {
    this.#renditions = renditions;
    this.#pacer = pacer;
    this.#take = take;
  }

  /** Whether frames of the source are sent now. */
  get takesSource(): boolean {
    return this.#current === undefined && !this.#isTooLarge;
  }

  /** What the viewer asks for. */
  set wishes(wishes: Adaptation) {
    this.#wishes = wishes;
    this.#generation = -1;
  }

  /**
   * Chooses again, if it is time to.
   *
   * @param minMsPerByte the time that a byte must take, however fast the link is
   */
  update(now: number, minMsPerByte: number): void {
    if (now - this.#chosenAt < CHOOSE_MS) return;
    this.#chosenAt = now;
    if (this.#current?.watching?.isAlive() === false) this.#current = undefined;
    if (this.#next?.watching?.isAlive() === false) this.#next = undefined;
    const linkMs = this.#pacer.linkMsPerByte(now);
    const msPerByte = linkMs && Math.max(linkMs, minMsPerByte);
    const isNeeded = !this.#isBearable(msPerByte);
    if (!isNeeded && this.#current?.watching?.keepsUp() === false) this.#renditions.tellShort(now);
    const ladder = this.#currentLadder(!isNeeded && this.#renditions.isShort(now));
    if (ladder === undefined) return this.#watch(undefined, now);
    const index = this.#chooser.choose({
      now,
      msPerByte,
      latestMsPerByte: this.#pacer.latestMsPerByte,
      isOverdue: this.#pacer.isOverdue(now),
      fps: this.#pacer.fps,
      bytes: ladder.bytes(),
    }, this.#wishes.prefer ?? "balanced");
    this.#watch(ladder.rungs[this.#isWhole ? 0 : index], now, isNeeded || this.#isTooLarge);
  }

  /** Takes no more frames. */
  close(): void {
    this.#watch(undefined, 0);
  }

  /** Whether the link carries so many of the camera's own pictures that they will do. */
  #isBearable(msPerByte = 0): boolean {
    return this.#renditions.sourceBytes * msPerByte * this.#pacer.fps * BEARABLE <= 1000;
  }

  #currentLadder(isWhole: boolean): Ladder | undefined {
    const { generation } = this.#renditions;
    if (generation !== this.#generation || isWhole !== this.#isWhole) {
      this.#generation = generation;
      this.#isWhole = isWhole;
      const { width, height, maxWidth, maxHeight } = this.#wishes;
      const most = defined({ width: maxWidth, height: maxHeight });
      this.#ladder = this.#renditions.ladder(
        isWhole ? most : { ...most, ...defined({ width, height }) },
      );
      this.#isTooLarge = this.#renditions.ladder(most)?.rungs[0].qscale !== undefined;
    }
    return this.#ladder;
  }

  /** Goes over to a rung; without one, to the source. */
  #watch(rung: Rung | undefined, now: number, isNeeded = false): void {
    if (rung?.qscale === undefined) {
      end(this.#next);
      end(this.#current);
      this.#next = this.#current = undefined;
      return;
    }
    const target = this.#next ?? this.#current;
    if (target?.rung === rung) return;
    if (this.#current?.rung === rung) { // back again, before the other one had begun
      end(this.#next);
      this.#next = undefined;
      return;
    }
    if (!this.#renditions.mayWatch(rung, now, isNeeded)) return; // it stays as it is until then
    const watched: Watched = { rung };
    watched.watching = this.#renditions.watch(rung, (source, frame) => {
      if (this.#next === watched) {
        end(this.#current);
        this.#current = watched;
        this.#next = undefined;
      }
      if (this.#current === watched) this.#take(new EncodedFrame(frame, source.stream));
    });
    if (watched.watching === undefined) { // no more encoders are to be had: it stays as it is
      this.#isTooLarge = false; // a picture that is too large is better than none
      return;
    }
    end(this.#next);
    this.#next = watched;
  }
}

/** A rung whose frames come in. */
interface Watched {
  rung: Rung;
  watching?: Watching | undefined;
}

function end(watched: Watched | undefined): void {
  watched?.watching?.[Symbol.dispose]();
}
