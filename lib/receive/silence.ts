/**
 * How long a sender has been silent, and what that means.
 *
 * @module
 */

/** Time between two calls of {@linkcode Silence.tick}, in milliseconds. */
export const TICK_MS = 250;

/** After this time without a sign of the sender its last picture is no longer live. */
const SILENT_MS = 2000;
/** After this time without a sign of the sender the connection is lost. */
const LOST_MS = 10_000;
/** The longest of this many last intervals between frames is the pace of a sender. */
const INTERVALS = 8;
/** A slower pace counts as this one, in milliseconds. */
const MAX_PACE_MS = 120_000;

/**
 * Measures the silence of a sender. A sender that answers pings is never silent for long, however
 * slow its camera is: a frame is missing only if the answers are. Of a sender that sends pictures
 * only, frames are due at the pace seen.
 *
 * Time is counted in ticks, because none pass while this machine sleeps.
 */
export class Silence {
  /** Whether the sender answers pings. */
  answersPings = false;

  #quietMs = 0;
  #sinceFrameMs = 0;
  #intervalsMs: number[] = [];
  #frames = 0;

  /** Whether a sign of the sender is overdue: the last picture is not live any more. */
  get isLong(): boolean {
    if (this.answersPings) return this.#quietMs >= SILENT_MS;
    return this.#intervalsMs.length > 0 && this.#quietMs >= SILENT_MS + this.#paceMs;
  }

  /** Whether the connection has to be given up. */
  get isHopeless(): boolean {
    return this.#quietMs >= this.#hopelessMs;
  }

  /** The silence that is too long, in seconds. */
  get limitSeconds(): number {
    return Math.round(this.#hopelessMs / 1000);
  }

  /** Takes note of bytes from the sender. */
  heard(): void {
    this.#quietMs = 0;
  }

  /** Takes note of a frame. */
  frame(): void {
    if (this.#frames++ > 0) {
      this.#intervalsMs = [...this.#intervalsMs, this.#sinceFrameMs].slice(-INTERVALS);
    }
    this.#sinceFrameMs = 0;
  }

  /** Lets {@linkcode TICK_MS} of listening pass. */
  tick(): void {
    this.#quietMs += TICK_MS;
    this.#sinceFrameMs += TICK_MS;
  }

  get #paceMs(): number {
    return Math.min(MAX_PACE_MS, Math.max(0, ...this.#intervalsMs));
  }

  get #hopelessMs(): number {
    return this.answersPings ? LOST_MS : Math.max(LOST_MS, 2 * this.#paceMs);
  }
}
