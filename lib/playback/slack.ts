/**
 * How much sound must wait, judged by how much has waited at least.
 *
 * @module
 */

/** The least of this time counts, in milliseconds, and of as much before it. */
const WINDOW_MS = 1000;
/** What always waits at least. */
const FLOOR_MS = 2;
/** What waits at most because packets came late. */
const CEILING_MS = 60;
/** Lateness counts at least and at most as this: a long one was a stop, not unsteadiness. */
const [MIN_LATE_MS, MAX_LATE_MS, STOP_MS] = [2, 20, 500];
/** Lateness in the beginning says little: everything has just been started. */
const BEGIN_MS = 1000;
/** In this time a reserve that is not needed any more falls to a third, in milliseconds. */
const FORGET_MS = 30_000;

/** The least that has waited lately, and the reserve that should have. */
export class Slack {
  /** The reserve, in milliseconds: larger after packets came late. */
  wantedMs: number = FLOOR_MS;

  #leastMs = Infinity;
  #leastBeforeMs: number | undefined;
  #passedMs = 0;
  #playedMs = 0;

  /** The least that has waited for one to two seconds; undefined if that is not known yet. */
  get leastMs(): number | undefined {
    return this.#leastBeforeMs === undefined
      ? undefined
      : Math.min(this.#leastMs, this.#leastBeforeMs);
  }

  /** Records how much was left after sound of a length was taken, in milliseconds. */
  left(levelMs: number, takenMs: number): void {
    this.#leastMs = Math.min(this.#leastMs, levelMs);
    this.#passedMs += takenMs;
    this.#playedMs += takenMs;
    this.wantedMs -= (this.wantedMs - FLOOR_MS) * takenMs / FORGET_MS;
    if (this.#passedMs < WINDOW_MS) return;
    this.#leastBeforeMs = this.#leastMs;
    this.#leastMs = Infinity;
    this.#passedMs = 0;
  }

  /** Records that the level was changed, in milliseconds. */
  changed(ms: number): void {
    this.#leastMs += ms;
    if (this.#leastBeforeMs !== undefined) this.#leastBeforeMs += ms;
  }

  /** Records that a packet came after all was played. */
  wasLate(ms: number): void {
    if (ms > STOP_MS || this.#playedMs < BEGIN_MS) return;
    const more = Math.max(MIN_LATE_MS, Math.min(MAX_LATE_MS, ms));
    this.wantedMs = Math.min(CEILING_MS, this.wantedMs + more);
  }

  /** Forgets the levels: sound begins again. */
  restart(): void {
    this.#leastMs = Infinity;
    this.#leastBeforeMs = undefined;
    this.#passedMs = 0;
  }
}
