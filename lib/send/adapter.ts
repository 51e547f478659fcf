/**
 * Which rendition of a camera one viewer gets.
 *
 * @module
 */

import type { Adaptation } from "../protocol/control.ts";
import type { Rung } from "../rendition/ladder.ts";
import type { Watching } from "../rendition/rendition.ts";
import type { Ladder, Renditions } from "../rendition/renditions.ts";
import { RungChooser } from "../rendition/rung_chooser.ts";
import { EncodedFrame } from "./encoded_frame.ts";
import type { Pacer } from "../pacing/pacer.ts";

/** How often the choice is made again, in milliseconds. */
const CHOOSE_MS = 50;
/** How much of the link the camera's own pictures may take where smaller ones cannot be made. */
const LOAD = 0.85;
/**
 * How long a viewer that shows few pixels gets the camera's own pictures after the encoders did not
 * keep up: twice as long each time.
 */
const [MIN_WHOLE_MS, MAX_WHOLE_MS] = [10_000, 320_000];

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
  /** Whether the pictures may be larger than they are shown; until when, and for how long. */
  #isWhole = false;
  #wholeUntil = -Infinity;
  #wholeMs = MIN_WHOLE_MS;
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
    return this.#current === undefined;
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
    this.#relieve(now, msPerByte);
    const ladder = this.#currentLadder(now);
    if (ladder === undefined) return this.#watch(undefined, now);
    const index = this.#chooser.choose({
      now,
      msPerByte,
      latestMsPerByte: this.#pacer.latestMsPerByte,
      isOverdue: this.#pacer.isOverdue(now),
      fps: this.#pacer.fps,
      bytes: ladder.bytes(),
    }, this.#wishes.prefer ?? "balanced");
    this.#watch(ladder.rungs[index], now);
  }

  /** Takes no more frames. */
  close(): void {
    this.#watch(undefined, 0);
  }

  /** Takes the camera's own pictures if the encoders do not keep up, and the link carries them. */
  #relieve(now: number, msPerByte: number | undefined): void {
    const { width, height } = this.#wishes;
    if (this.#current?.watching?.keepsUp() !== false) return;
    if (msPerByte === undefined || (width ?? height) === undefined) return;
    const fits = this.#renditions.sourceBytes * msPerByte * this.#pacer.fps <= 1000 * LOAD;
    if (!fits || !this.#renditions.mayRelieve(now)) return;
    const keptUpMs = now - this.#wholeUntil;
    this.#wholeMs = keptUpMs > this.#wholeMs
      ? MIN_WHOLE_MS
      : Math.min(this.#wholeMs * 2, MAX_WHOLE_MS);
    this.#wholeUntil = now + this.#wholeMs;
  }

  #currentLadder(now: number): Ladder | undefined {
    const { generation } = this.#renditions;
    const isWhole = now < this.#wholeUntil;
    if (generation !== this.#generation || isWhole !== this.#isWhole) {
      this.#generation = generation;
      this.#isWhole = isWhole;
      const { width, height } = isWhole ? {} : this.#wishes;
      this.#ladder = this.#renditions.ladder({
        ...(width === undefined ? {} : { width }),
        ...(height === undefined ? {} : { height }),
      });
    }
    return this.#ladder;
  }

  /** Goes over to a rung; without one, to the source. */
  #watch(rung: Rung | undefined, now: number): void {
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
    if (!this.#renditions.mayWatch(rung, now)) return; // it stays as it is until then
    const watched: Watched = { rung };
    watched.watching = this.#renditions.watch(rung, (source, frame) => {
      if (this.#next === watched) {
        end(this.#current);
        this.#current = watched;
        this.#next = undefined;
      }
      if (this.#current === watched) this.#take(new EncodedFrame(frame, source.stream));
    });
    if (watched.watching === undefined) return; // no more encoders are to be had: it stays as it is
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
