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
  /** What it took for a byte of the latest frames alone, if that is more or less. */
  latestMsPerByte: number | undefined;
  /** Whether a frame on its way should have arrived. */
  isOverdue: boolean;
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
/** A sharper rung has to fit for so long before it is tried. */
const STEADY_MS = 600;
/**
 * After a failed trial a rung is left alone for this share of the time since it failed first: a
 * link that is slow for long is tried seldom, and one that recovers is used soon.
 */
const HOLD_SHARE = 0.3;
const [MIN_HOLD_MS, MAX_HOLD_MS] = [3000, 60_000];
/** A rung that is left for a coarser one within this time was taken too early. */
const TRIAL_MS = 4000;
/** How many times the bytes of the last rung the next one may have: a trial must not cost a second. */
const MAX_GROWTH = 4;
/**
 * Chooses a rung again and again: a coarser one at once, a sharper one after it has fitted for a
 * while. Small pictures may pass a link faster than large ones (token buckets let bursts through),
 * so that only a trial shows whether a sharper rung fits. The longer trials of a rung have failed,
 * the longer is the time to the next one.
 */
export class RungChooser {
  #rung = 0;
  #steadySince: number | undefined;
  #trialAt: number | undefined;
  /** Since when trials of each rung fail, and until when it is left alone. */
  #holds: ({ since: number; until: number } | undefined)[] = [];

  /** @returns the rung to send now, an index into `bytes` */
  choose(link: LinkState, prefer: Preference): number {
    const last = link.bytes.length - 1;
    if (this.#rung > last) this.#rung = last;
    if (prefer === "sharp" || last < 1) return this.#rung = 0;
    const { now } = link;
    const msPerByte = this.#msPerByte(link);
    if (msPerByte === undefined) return this.#rung;

    const fitting = fittingRung(link, msPerByte, prefer, LOAD);
    if (fitting > this.#rung) {
      if (this.#trialAt !== undefined) this.#fail(now);
      this.#steadySince = undefined;
      return this.#rung = fitting;
    }
    if (this.#trialAt !== undefined && now - this.#trialAt >= TRIAL_MS) this.#succeed();
    const sharper = this.#sharper(link, msPerByte, prefer);
    if (sharper >= this.#rung || link.isOverdue) {
      this.#steadySince = undefined;
      return this.#rung;
    }
    this.#steadySince ??= now;
    if (now - this.#steadySince < STEADY_MS) return this.#rung;
    this.#steadySince = undefined;
    this.#trialAt = now;
    return this.#rung = sharper;
  }

  /** The sharpest rung that seems to fit and may be tried. */
  #sharper(link: LinkState, msPerByte: number, prefer: Preference): number {
    const { bytes, now } = link;
    let rung = fittingRung(link, msPerByte, prefer, LOAD_BEFORE_UP);
    while (
      rung < this.#rung &&
      (bytes[rung] > bytes[this.#rung] * MAX_GROWTH || now < (this.#holds[rung]?.until ?? 0))
    ) rung++;
    return rung;
  }

  /** In a trial the latest frames count alone: it must not last longer than it needs to. */
  #msPerByte({ msPerByte, latestMsPerByte }: LinkState): number | undefined {
    if (this.#trialAt === undefined || msPerByte === undefined) return msPerByte;
    return Math.max(msPerByte, latestMsPerByte ?? 0);
  }

  /** What was tried is too much; so are all sharper rungs. */
  #fail(now: number): void {
    this.#trialAt = undefined;
    for (let rung = 0; rung <= this.#rung; rung++) {
      const since = this.#holds[rung]?.since ?? now;
      const holdMs = Math.min(Math.max(MIN_HOLD_MS, (now - since) * HOLD_SHARE), MAX_HOLD_MS);
      this.#holds[rung] = { since, until: now + holdMs };
    }
  }

  /** What was tried fits; so do all coarser rungs. */
  #succeed(): void {
    this.#trialAt = undefined;
    this.#holds.length = this.#rung;
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
