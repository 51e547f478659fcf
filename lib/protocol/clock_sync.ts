/**
 * The round trip to the peer, and its clock.
 *
 * @module
 */

/** How many of the latest messages are looked at, if not told otherwise. */
const SAMPLES = 16;
/**
 * The same where pictures may fill the way for long, and pings wait behind them: with
 * one a second five minutes, in which good clocks part by some 15 ms.
 */
export const SAMPLES_BEHIND_QUEUES = 300;
/** What comes later than this is no answer. */
const MAX_ROUND_TRIP_MS = 120_000;

/** The least of the latest numbers: what took it waited in no queue. */
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
}

/** Estimates the round trip to the peer without queues, from pings. */
export class RoundTrip {
  #least: Least;

  /** Looks at so many of the latest pings. */
  constructor(maxSamples = SAMPLES) {
    this.#least = new Least(maxSamples);
  }

  /** In milliseconds; undefined before the first answer. */
  get ms(): number | undefined {
    return this.#least.value;
  }

  /** Takes in that the answer to a ping of ours has come, times on our clock. */
  answered(asked: number, received: number): void {
    if (isAnswer(asked, received)) this.#least.add(received - asked);
  }
}

/**
 * Estimates the peer's clock. Each way is looked at by itself, since often one is full of
 * pictures: of what took the time along it the quickest is believed, and both ways without
 * queues are taken for equally long.
 */
export class ClockSync {
  #there: Least;
  #back: Least;

  /** Looks at so many of the latest messages each way. */
  constructor(maxSamples = SAMPLES) {
    this.#there = new Least(maxSamples);
    this.#back = new Least(maxSamples);
  }

  /**
   * The peer's clock less ours, in milliseconds, right to half of what both ways take
   * without queues; undefined before the first pong.
   */
  get offsetMs(): number | undefined {
    const [there, back] = [this.#there.value, this.#back.value];
    return there === undefined || back === undefined ? undefined : (there - back) / 2;
  }

  /**
   * Takes in a ping of the peer's.
   *
   * @param peerClock the peer's clock when it left
   * @param received when it came, on our clock
   */
  ping(peerClock: number, received: number): void {
    this.#back.add(received - peerClock);
  }

  /**
   * Takes in a pong.
   *
   * @param asked when the ping left, on our clock
   * @param peerClock the peer's clock when it answered
   * @param received when the pong came, on our clock
   */
  pong(asked: number, peerClock: number, received: number): void {
    if (!isAnswer(asked, received)) return;
    this.#there.add(peerClock - asked);
    this.#back.add(received - peerClock);
  }
}

/** Whether it can be the answer to a ping of ours. */
function isAnswer(asked: number, received: number): boolean {
  return received >= asked && received - asked <= MAX_ROUND_TRIP_MS;
}
