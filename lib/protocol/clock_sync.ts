/**
 * Estimates of the round trip to the peer and of the peer's clock.
 *
 * @module
 */

/** How many of the latest messages count, by default. */
const SAMPLES = 16;
/**
 * The same where pictures may fill the path for long and pings wait behind them: five minutes
 * at one ping a second, in which good clocks drift apart by some 15 ms.
 */
export const SAMPLES_BEHIND_QUEUES = 300;
/** A later pong is no answer. */
const MAX_ROUND_TRIP_MS = 120_000;

/** The smallest of the latest numbers: that message waited in no queue. */
class Least {
  #maxSamples: number;
  #samples: number[] = [];
  value: number | undefined;

  constructor(maxSamples: number) {
    this.#maxSamples = maxSamples;
  }

  add(sample: number): void {
    this.#samples.push(sample);
    if (this.#samples.length > this.#maxSamples) this.#samples.shift();
    this.value = Math.min(...this.#samples);
  }

  /** How much more than the smallest the one in the middle is. */
  get spread(): number {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return (sorted[sorted.length >> 1] ?? 0) - (sorted[0] ?? 0);
  }
}

/** Estimates the round trip to the peer without queues, from pings. */
export class RoundTrip {
  #least: Least;

  /** Uses this many of the latest pings. */
  constructor(maxSamples = SAMPLES) {
    this.#least = new Least(maxSamples);
  }

  /** In milliseconds; undefined before the first answer. */
  get ms(): number | undefined {
    return this.#least.value;
  }

  /** How much longer it usually takes, in milliseconds: machines that are busy answer late. */
  get lateMs(): number {
    return this.#least.spread;
  }

  /** Records the answer to a ping of ours; both times are on our clock. */
  answered(asked: number, received: number): void {
    if (isAnswer(asked, received)) this.#least.add(received - asked);
  }
}

/**
 * Estimates the peer's clock. Each direction has its own minimum, because one of them is often
 * full of pictures. The quickest message of each direction counts, and both directions without
 * queues are assumed to take equally long.
 */
export class ClockSync {
  #out: Least;
  #in: Least;

  /** Uses this many of the latest messages in each direction. */
  constructor(maxSamples = SAMPLES) {
    this.#out = new Least(maxSamples);
    this.#in = new Least(maxSamples);
  }

  /**
   * The peer's clock minus ours, in milliseconds, off by at most half a round trip without
   * queues; undefined before the first pong.
   */
  get offsetMs(): number | undefined {
    const [out, inward] = [this.#out.value, this.#in.value];
    return out === undefined || inward === undefined ? undefined : (out - inward) / 2;
  }

  /**
   * The same, and before the first pong from the peer's pings alone: too small then, by the time
   * that the quickest of them took.
   */
  get roughOffsetMs(): number | undefined {
    return this.offsetMs ?? (this.#in.value === undefined ? undefined : -this.#in.value);
  }

  /**
   * Records a ping from the peer.
   *
   * @param peerClock the peer's clock when it sent the ping
   * @param received when it arrived, on our clock
   */
  ping(peerClock: number, received: number): void {
    this.#in.add(received - peerClock);
  }

  /**
   * Records a pong.
   *
   * @param asked when we sent the ping, on our clock
   * @param peerClock the peer's clock when it answered
   * @param received when the pong arrived, on our clock
   */
  pong(asked: number, peerClock: number, received: number): void {
    if (!isAnswer(asked, received)) return;
    this.#out.add(peerClock - asked);
    this.#in.add(received - peerClock);
  }
}

/** Whether the times fit a ping of ours. */
function isAnswer(asked: number, received: number): boolean {
  return received >= asked && received - asked <= MAX_ROUND_TRIP_MS;
}
