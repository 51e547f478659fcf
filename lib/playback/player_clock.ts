/**
 * How far a player program has played, and how much it may be given.
 *
 * @module
 */

/** Until the next report the player is believed to go on, for this long, in milliseconds. */
const KNOWN_MS = 80;
/** A report counts this share: it is rounded, and comes when it comes. */
const SHARE = 0.2;
/** A position that differs by more is believed at once, in milliseconds. */
const JUMP_MS = 30;
/** A player that does not go on for this long needs more, in milliseconds. */
const STALL_MS = 150;
/** One that does not even begin may only be slow to start. */
const START_MS = 3000;
/** How much more it then gets, how often, and at most, in milliseconds. */
const [MORE_MS, MORE_EVERY_MS, MAX_MARGIN_MS] = [10, 1000, 150];
/** In this time what it got more falls to a third, in milliseconds. */
const FORGET_MS = 30_000;

/**
 * Follows a player by the position that it reports, and says how much to write so that only a
 * margin waits in it. Whatever it is given early would be delay for good: what it swallows while it
 * starts, too. All times are in milliseconds.
 */
export class PlayerClock {
  #leastMarginMs: number;
  #marginMs: number;
  #writtenMs = 0;
  /** The last report. */
  #positionMs = 0;
  #reportedAt: number | undefined;
  /** The position minus the time, smoothed. */
  #offsetMs = 0;
  #wentOnAt: number | undefined;
  #gotMoreAt = -Infinity;
  #askedAt: number;

  /** @param marginMs how much has to wait in the player so that it can go on */
  constructor(marginMs: number, now: number) {
    this.#marginMs = this.#leastMarginMs = marginMs;
    this.#askedAt = now;
  }

  /** Whether it has begun to play: then it works. */
  get hasBegun(): boolean {
    return this.#reportedAt !== undefined;
  }

  /** How much may wait in it. */
  get marginMs(): number {
    return this.#marginMs;
  }

  /** How much was written that is not heard yet: a sample written now is heard so much later. */
  waitingMs(now: number): number {
    return this.#writtenMs - this.#heardMs(now);
  }

  /** How much to write now. */
  roomMs(now: number): number {
    this.#adapt(now);
    return Math.max(0, this.#marginMs - this.waitingMs(now));
  }

  /** How long it has not gone on although something waits. */
  stalledMs(now: number): number {
    return this.#wentOnAt === undefined ? 0 : now - this.#wentOnAt;
  }

  /** Records that so much was written. */
  wrote(ms: number, now: number): void {
    this.#writtenMs += ms;
    this.#wentOnAt ??= now;
  }

  /** Records the position that it reports: so much has been heard. */
  report(positionMs: number, now: number): void {
    if (positionMs <= this.#positionMs) return;
    const offsetMs = positionMs - now;
    const difference = offsetMs - this.#offsetMs;
    const isKnown = this.#reportedAt !== undefined && Math.abs(difference) < JUMP_MS;
    if (this.hasBegun && difference < -JUMP_MS) this.ranShort(now); // it has paused
    this.#offsetMs = isKnown ? this.#offsetMs + SHARE * difference : offsetMs;
    this.#positionMs = Math.min(positionMs, this.#writtenMs);
    this.#reportedAt = this.#wentOnAt = now;
  }

  /** Records that it has run short. */
  ranShort(now: number): void {
    if (now - this.#gotMoreAt < MORE_EVERY_MS) return; // the same stop
    this.#gotMoreAt = now;
    this.#marginMs = Math.min(MAX_MARGIN_MS, this.#marginMs + MORE_MS);
  }

  #heardMs(now: number): number {
    if (this.#reportedAt === undefined) return 0;
    if (now > this.#reportedAt + KNOWN_MS) return this.#positionMs;
    return Math.min(this.#writtenMs, now + this.#offsetMs);
  }

  #adapt(now: number): void {
    const passedMs = now - this.#askedAt;
    this.#askedAt = now;
    this.#marginMs -= (this.#marginMs - this.#leastMarginMs) * Math.min(1, passedMs / FORGET_MS);
    const limitMs = this.hasBegun ? STALL_MS : START_MS;
    if (this.stalledMs(now) >= limitMs) this.ranShort(now);
  }
}
