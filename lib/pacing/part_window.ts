/**
 * How much of a picture may be under way at once, so that sound behind it passes quickly.
 *
 * @module
 */

/** How long what is under way may make others wait, in milliseconds, its own time on the link included. */
const TARGET_MS = 30;
/** Bytes under way at first, on a path about which nothing is known. */
const FIRST_BYTES = 16 * 1024;
const MIN_BYTES = 2048;
const MAX_BYTES = 4 * 1024 * 1024;
/** How quickly the window follows, as a share of what arrived. */
const [GROWTH, SHRINKAGE] = [0.5, 0.25];
/** Bytes of a part: small enough for the gaps, large enough to be worth its header. */
const [MIN_PART, MAX_PART] = [1024, 16 * 1024];

/** Longer without news of what is under way, besides two round trips: viewers tell every 100 ms. */
const STALL_MS = 300;

/** Something under way. */
interface UnderWay {
  /** All bytes up to its end. */
  end: number;
  sentAt: number;
  /** Whether its arrival is told at once, as that of a part is, and the window was used then. */
  measures: boolean;
}

/**
 * Counts bytes that are under way, and finds out how many may be: more while they arrive as quickly
 * as the path allows, fewer when they wait in a queue (as LEDBAT does, RFC 6817). Times are in
 * milliseconds on one clock.
 */
export class PartWindow {
  #bytes = FIRST_BYTES;
  #sent = 0;
  #taken = 0;
  #underWay: UnderWay[] = [];
  #takenAt = -Infinity;

  /** How many bytes the next part may have; 0 if it has to wait. */
  get room(): number {
    const part = Math.min(Math.max(this.#bytes / 8, MIN_PART), MAX_PART);
    return this.#sent - this.#taken + part <= this.#bytes || this.#sent === this.#taken
      ? Math.floor(part)
      : 0;
  }

  /** Whether the viewer takes nothing any more, although something is under way. */
  isStalled(now: number, roundTripMs: number): boolean {
    const [first] = this.#underWay;
    if (first === undefined) return false;
    return now - Math.max(first.sentAt, this.#takenAt) > STALL_MS + 2 * roundTripMs;
  }

  /** Records that so many bytes of sound leave. */
  sentSound(bytes: number, now: number): void {
    this.#sent += bytes;
    this.#underWay.push({ end: this.#sent, sentAt: now, measures: false });
  }

  /** Records that a part of a picture leaves. */
  sentPart(bytes: number, now: number): void {
    this.#sent += bytes;
    const measures = bytes >= MIN_PART && this.#sent - this.#taken >= this.#bytes / 2;
    this.#underWay.push({ end: this.#sent, sentAt: now, measures });
  }

  /**
   * Records what the viewer has taken since the beginning.
   *
   * @param roundTripMs the round trip without queues
   */
  taken(bytes: number, now: number, roundTripMs: number): void {
    if (bytes <= this.#taken || bytes > this.#sent) return;
    let newest: UnderWay | undefined;
    while (this.#underWay.length > 0 && this.#underWay[0].end <= bytes) {
      const first = this.#underWay.shift()!;
      if (first.measures) newest = first;
    }
    const news = bytes - this.#taken;
    this.#taken = bytes;
    this.#takenAt = now;
    if (newest === undefined) return;
    const queueMs = Math.max(0, now - newest.sentAt - roundTripMs);
    const off = Math.max(-1, (TARGET_MS - queueMs) / TARGET_MS);
    const change = off * news * (off > 0 ? GROWTH : SHRINKAGE);
    this.#bytes = Math.min(Math.max(this.#bytes + change, MIN_BYTES), MAX_BYTES);
  }
}
