/**
 * Flow control: when may the next frame be sent to a viewer that acknowledges?
 *
 * @module
 */

/** How much of a new measurement goes into the running estimate. */
const GAIN = 0.25;

/**
 * How much later than the bottleneck is free a frame leaves that a ping goes before, as a
 * share of what the one in front of it takes. Were it not later, a round trip once taken
 * for longer than it is would remain so: frames would leave too early, and every ping find
 * the queue that they make.
 */
const SLACK = 1 / 8;

/** A frame that takes longer tells that the link has become slow before it arrives. */
const OVERDUE_MS = 250;

/** What is on its way to the viewer. */
interface InFlight {
  seq: number;
  bytes: number;
  sentAt: number;
  /** The frame's capture time. */
  time: number;
}

/**
 * Models the way to one viewer as a single queue: a bottleneck, be it the link
 * or the display, that takes some time for every byte, and a round trip that
 * bytes take besides. The next frame may leave when the bottleneck is about to
 * be free, so that it never waits in a queue of the network's, where it could
 * not be replaced by a newer one; and a link with a long round trip is still
 * kept full.
 *
 * From a frame sent at `s` and acknowledged at `a`, after the one before it was
 * acknowledged at `p`, follows what the bottleneck took for it:
 * `a - max(s + roundTrip, p)`.
 *
 * All times are in milliseconds on one clock.
 */
export class Pacer {
  #inFlight: InFlight[] = [];
  #msPerByte: number | undefined;
  #linkMsPerByte: number | undefined;
  #lastAckAt = -Infinity;
  #lastArrivalAt = -Infinity;
  #intervalMs = 0;
  #lastOfferAt: number | undefined;
  #roundTripMs: number | undefined;

  /** The round trip without queues, once it was measured. */
  set roundTripMs(value: number | undefined) {
    this.#roundTripMs = value;
  }

  /**
   * What the network alone takes for a byte, in milliseconds, without the display: as measured, or
   * at least what a frame shows that has not arrived yet. Undefined until it was measured.
   */
  linkMsPerByte(now: number): number | undefined {
    const [first] = this.#inFlight;
    if (first === undefined || this.#linkMsPerByte === undefined) return this.#linkMsPerByte;
    const waitedMs = now - this.#beganAt(first);
    return waitedMs < OVERDUE_MS
      ? this.#linkMsPerByte
      : Math.max(this.#linkMsPerByte, waitedMs / first.bytes);
  }

  /** Whether the first frame on its way should have arrived. */
  isOverdue(now: number): boolean {
    const [first] = this.#inFlight;
    if (first === undefined || this.#linkMsPerByte === undefined) return false;
    return now > this.#beganAt(first) + first.bytes * this.#linkMsPerByte;
  }

  /** Pictures a second that stand ready, 0 until there were two. */
  get fps(): number {
    return this.#intervalMs === 0 ? 0 : 1000 / this.#intervalMs;
  }

  /** Frames on their way. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Takes note that a new frame stands ready: how often that happens is the frame rate. */
  offered(now: number): void {
    if (this.#lastOfferAt !== undefined) {
      const interval = Math.min(now - this.#lastOfferAt, 1000);
      this.#intervalMs += (interval - this.#intervalMs) *
        (this.#intervalMs === 0 ? 1 : GAIN);
    }
    this.#lastOfferAt = now;
  }

  /** Takes note that a frame is handed to the network now. */
  sent(seq: number, bytes: number, time: number, now: number): void {
    this.#inFlight.push({ seq, bytes, sentAt: now, time });
  }

  /**
   * Takes note of an acknowledgement: frame `seq` has gone to the display, and
   * the ones before it have gone there or were dropped by the viewer.
   *
   * @param heldMs how long the viewer had it before, which the network is not to blame for
   * @returns the capture time of that frame, or undefined if it was not on its way
   */
  acked(seq: number, now: number, heldMs = 0): number | undefined {
    let bytes = 0;
    let first: InFlight | undefined;
    let last: InFlight | undefined;
    while (this.#inFlight.length > 0 && this.#inFlight[0].seq <= seq) {
      last = this.#inFlight.shift()!;
      first ??= last;
      bytes += last.bytes;
    }
    if (first === undefined || last === undefined) return undefined;
    const arrived = first.sentAt + (this.#roundTripMs ?? 0);
    const msPerByte = Math.max(0, now - Math.max(arrived, this.#lastAckAt)) / bytes;
    this.#msPerByte = mean(this.#msPerByte, msPerByte);
    this.#lastAckAt = now;
    // The frame arrived before it was acknowledged, but not before it was sent.
    const arrivedAt = Math.max(now - heldMs, this.#lastArrivalAt);
    const linkMs = Math.max(0, arrivedAt - Math.max(arrived, this.#lastArrivalAt));
    this.#linkMsPerByte = mean(this.#linkMsPerByte, linkMs / bytes);
    this.#lastArrivalAt = arrivedAt;
    return last.seq === seq ? last.time : undefined;
  }

  /**
   * When the next frame may leave: a time not after `now` for at once, Infinity
   * for not before the next acknowledgement.
   *
   * @param withPing whether a ping is to go before it, and the queue had better be empty
   */
  freeAt(withPing = false): number {
    if (this.#inFlight.length === 0) return -Infinity;
    if (this.#msPerByte === undefined || this.#roundTripMs === undefined) {
      return Infinity;
    }
    // Should acknowledgements stop, no more may be under way than the round trip
    // needs, and one frame for jitter: all that is under way then is stale later.
    const needed = this.#intervalMs > 0 ? Math.floor(this.#roundTripMs / this.#intervalMs) : 0;
    if (this.#inFlight.length >= 2 + needed) return Infinity;
    let free = this.#lastAckAt - this.#roundTripMs;
    let takesMs = 0;
    for (const { sentAt, bytes } of this.#inFlight) {
      takesMs = bytes * this.#msPerByte;
      free = Math.max(free, sentAt) + takesMs;
    }
    return withPing ? free + SLACK * takesMs : free;
  }

  /** When the network began to carry a frame, seen from the end at which it is acknowledged. */
  #beganAt({ sentAt }: InFlight): number {
    return Math.max(sentAt + (this.#roundTripMs ?? 0), this.#lastArrivalAt);
  }
}

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (value - before) * GAIN;
}
