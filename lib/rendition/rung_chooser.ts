/**
 * Which rung of a ladder fits the link to one viewer.
 *
 * @module
 */

/** What a viewer would rather have where the link is too slow for both. */
export type Preference =
  /** Every picture that the camera gives, however small. */
  | "smooth"
  /** At least 15 pictures a second, then as sharp as fits. */
  | "balanced"
  /** The camera's own pictures, however few. */
  | "sharp";

/** What is known of a link and a stream at a moment. All times are in milliseconds. */
export interface LinkState {
  /** The time. */
  now: number;
  /** What the link takes for a byte; undefined until it was measured. */
  msPerByte: number | undefined;
  /** For how long a frame on its way has been overdue; 0 if none is. */
  overdueMs: number;
  /** Pictures a second that the source gives. */
  fps: number;
  /** Bytes of a picture at each rung, from the sharpest on. */
  bytes: readonly number[];
}

/** Pictures a second that `balanced` asks for where they would have to be small otherwise. */
const BALANCED_FPS = 15;
/** Down to this share of the bytes of the source, `balanced` asks for all pictures instead. */
const SHARP_ENOUGH = 0.12;
/** How much of the time between two pictures one may take on the link: the rest is for larger ones. */
const LOAD = 0.85;
/** The same before a sharper rung is taken, so that a steady link does not flap between two. */
const LOAD_BEFORE_UP = 0.7;
/** A sharper rung has to fit for so long first; doubled when it turns out that it does not. */
const HOLD_MS = 800;
const MAX_HOLD_MS = 60_000;
/** A rung that is left for a coarser one within this time was taken too early. */
const TRIAL_MS = 4000;
/** How many times the bytes of the last rung the next one may have: a trial must not cost a second. */
const MAX_GROWTH = 4;
/** A link this many times as fast as before a failed trial has changed: it is worth another one. */
const CHANGED = 2;
/** A frame that is overdue for longer tells that the link has become slow, before it arrives. */
const OVERDUE_MS = 250;

/**
 * Chooses a rung again and again: a coarser one at once, a sharper one after it has fitted for a
 * while. Small pictures may pass a link faster than large ones (token buckets let bursts through),
 * so that only a trial shows whether a sharper rung fits. A failed trial doubles the time to the
 * next one.
 */
export class RungChooser {
  #rung = 0;
  #fitsSince: number | undefined;
  #holdMs = HOLD_MS;
  #trial: { at: number; from: number; msPerByte: number } | undefined;
  #failedMsPerByte = 0;

  /** The rung chosen last. */
  get rung(): number {
    return this.#rung;
  }

  /** @returns the rung to send now, an index into `bytes` */
  choose(link: LinkState, prefer: Preference): number {
    const last = link.bytes.length - 1;
    if (this.#rung > last) this.#rung = last;
    if (prefer === "sharp" || last < 1) return this.#rung = 0;
    const { now, overdueMs } = link;
    const msPerByte = this.#msPerByte(link);
    if (msPerByte === undefined) return this.#rung;

    const fitting = fittingRung(link, msPerByte, prefer, LOAD);
    if (fitting > this.#rung) {
      if (this.#trial !== undefined && now - this.#trial.at < TRIAL_MS) {
        this.#failedMsPerByte = this.#trial.msPerByte;
        this.#holdMs = Math.min(this.#holdMs * 2, MAX_HOLD_MS);
      }
      this.#trial = this.#fitsSince = undefined;
      return this.#rung = fitting;
    }
    if (this.#trial !== undefined && now - this.#trial.at >= TRIAL_MS) {
      this.#trial = undefined;
      this.#holdMs = HOLD_MS;
      this.#failedMsPerByte = 0;
    }
    const sharper = Math.max(
      fittingRung(link, msPerByte, prefer, LOAD_BEFORE_UP),
      link.bytes.findIndex((bytes) => bytes <= link.bytes[this.#rung] * MAX_GROWTH),
    );
    if (sharper >= this.#rung || overdueMs > 0) {
      this.#fitsSince = undefined;
      return this.#rung;
    }
    this.#fitsSince ??= now;
    const hasChanged = msPerByte * CHANGED < this.#failedMsPerByte;
    if (now - this.#fitsSince < (hasChanged ? HOLD_MS : this.#holdMs)) return this.#rung;
    this.#fitsSince = undefined;
    this.#trial = { at: now, from: this.#rung, msPerByte };
    return this.#rung = sharper;
  }

  /** What the link takes for a byte: at least what a frame that is overdue shows. */
  #msPerByte({ msPerByte, overdueMs, bytes }: LinkState): number | undefined {
    if (overdueMs < OVERDUE_MS) return msPerByte;
    return Math.max(msPerByte ?? 0, overdueMs / bytes[this.#rung]);
  }
}

/** The sharpest rung at which as many pictures pass as are asked for; else the last one. */
function fittingRung(
  { fps, bytes }: LinkState,
  msPerByte: number,
  prefer: Preference,
  load: number,
): number {
  const fitting = bytes.findIndex((size) => {
    const isSmall = size < SHARP_ENOUGH * bytes[0];
    const wanted = prefer === "balanced" && isSmall ? Math.min(fps, BALANCED_FPS) : fps;
    return size * msPerByte * wanted <= 1000 * load;
  });
  return fitting < 0 ? bytes.length - 1 : fitting;
}
