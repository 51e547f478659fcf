/**
 * Time on this machine and on the peer's.
 *
 * @module
 */

/**
 * Milliseconds since the Unix epoch, in fractions, never going back: the system
 * clock as it was when the program started, carried on by the steady one.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** How many of the latest round trips are looked at, if not told otherwise. */
const SAMPLES = 16;
/**
 * The same where pictures may fill the way for long, and pings wait behind them: with
 * one a second five minutes, in which good clocks part by some 15 ms.
 */
export const SAMPLES_BEHIND_QUEUES = 300;

/**
 * Estimates the peer's clock and the round trip to it from pings. The quickest
 * of the latest pings is believed: it waited in no queue, so that its answer
 * was made half-way between question and return.
 */
export class ClockSync {
  #maxSamples: number;
  #samples: { roundTripMs: number; offsetMs: number }[] = [];
  #best: { roundTripMs: number; offsetMs: number } | undefined;

  /** Looks at so many of the latest pings. */
  constructor(maxSamples = SAMPLES) {
    this.#maxSamples = maxSamples;
  }

  /** The round trip without queues, in milliseconds; undefined before the first pong. */
  get roundTripMs(): number | undefined {
    return this.#best?.roundTripMs;
  }

  /** The peer's clock less ours, in milliseconds, right to half the round trip. */
  get offsetMs(): number | undefined {
    return this.#best?.offsetMs;
  }

  /**
   * Takes in a pong.
   *
   * @param asked when the ping left, on our clock
   * @param peerClock the peer's clock when it answered
   * @param received when the pong came, on our clock
   */
  pong(asked: number, peerClock: number, received: number): void {
    const roundTripMs = received - asked;
    if (roundTripMs < 0 || roundTripMs > 120_000) return; // not an answer to any ping of ours
    this.#samples.push({
      roundTripMs,
      offsetMs: peerClock - (asked + received) / 2,
    });
    if (this.#samples.length > this.#maxSamples) this.#samples.shift();
    this.#best = this.#samples.reduce((a, b) => a.roundTripMs <= b.roundTripMs ? a : b);
  }
}
