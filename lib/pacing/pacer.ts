/**
 * Flow control: when the next frame may leave for a viewer that acknowledges.
 *
 * @module
 */

/** The weight of a new measurement in the running estimate. */
const GAIN = 0.25;

/**
 * How much later a frame leaves when a ping leaves before it, as a share of the time that the
 * frame in front takes. Without this delay a round trip that was once overestimated would stay
 * so: frames would leave too early, and every ping would wait in the queue that they build.
 */
const SLACK = 1 / 8;

/** A frame in flight for longer shows that the link has become slow, before it arrives. */
const OVERDUE_MS = 250;

/** The most of the time of a frame that is not taken for the link's: pings may wait in it, too. */
const MAX_LATE_SHARE = 0.5;

/** A frame in flight. */
interface InFlight {
  seq: number;
  bytes: number;
  sentAt: number;
  /** The frame's capture time. */
  time: number;
}

/**
 * Models the path to one viewer as a single queue: a bottleneck (link or display) with a
 * time per byte, and a round trip. The next frame may leave when the bottleneck is about to
 * be free. So it never waits in the network, where no newer frame could replace it, and a
 * link with a long round trip is still kept full.
 *
 * A frame sent at `s` and acknowledged at `a`, whose predecessor was acknowledged at `p`,
 * occupied the bottleneck for `a - max(s + roundTrip, p)`.
 *
 * All times are in milliseconds on one clock.
 */
export class Pacer {
  /**
   * How much later than the round trip without queues an answer usually comes, in milliseconds,
   * because a machine is busy: that is not the link's time, however small a picture is.
   */
  lateMs = 0;

  #inFlight: InFlight[] = [];
  #msPerByte: number | undefined;
  #linkMsPerByte: number | undefined;
  #latest = [{ linkMs: 0, bytes: 0 }, { linkMs: 0, bytes: 0 }];
  #lastAckAt = -Infinity;
  #lastArrivalAt = -Infinity;
  #intervalMs = 0;
  #lastOfferAt: number | undefined;
  #roundTripMs: number | undefined;

  /** Sets the round trip without queues, once it is measured. */
  set roundTripMs(value: number | undefined) {
    this.#roundTripMs = value;
  }

  /**
   * The time that the network alone takes for a byte, in milliseconds, without the display: as
   * measured, or more if a frame in flight shows that. Undefined until it is measured.
   */
  linkMsPerByte(now: number): number | undefined {
    const [first] = this.#inFlight;
    if (this.#linkMsPerByte === undefined) return undefined;
    const waitedMs = first === undefined ? 0 : now - this.#beganAt(first);
    const seenMs = waitedMs < OVERDUE_MS ? 0 : waitedMs / first.bytes;
    return Math.max(this.#linkMsPerByte, seenMs);
  }

  /** The same for the latest two frames alone; undefined without any. */
  get latestMsPerByte(): number | undefined {
    const [before, last] = this.#latest;
    return last.bytes === 0
      ? undefined
      : (before.linkMs + last.linkMs) / (before.bytes + last.bytes);
  }

  /** Whether the first frame in flight should have arrived. */
  isOverdue(now: number): boolean {
    const [first] = this.#inFlight;
    if (first === undefined || this.#linkMsPerByte === undefined) return false;
    return now > this.#beganAt(first) + this.lateMs + first.bytes * this.#linkMsPerByte;
  }

  /** The frame rate of the source, in frames per second; 0 until there were two frames. */
  get fps(): number {
    return this.#intervalMs === 0 ? 0 : 1000 / this.#intervalMs;
  }

  /** The number of frames in flight. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Bytes of the frames in flight. */
  get bytesInFlight(): number {
    return this.#inFlight.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Records that a new frame is ready: how often that happens is the frame rate. */
  offered(now: number): void {
    if (this.#lastOfferAt !== undefined) {
      const interval = Math.min(now - this.#lastOfferAt, 1000);
      this.#intervalMs += (interval - this.#intervalMs) *
        (this.#intervalMs === 0 ? 1 : GAIN);
    }
    this.#lastOfferAt = now;
  }

  /** Records that a frame is handed to the network now. */
  sent(seq: number, bytes: number, time: number, now: number): void {
    this.#inFlight.push({ seq, bytes, sentAt: now, time });
  }

  /**
   * Records an acknowledgement: frame `seq` has gone to the display, and earlier ones have
   * gone there or were dropped by the viewer.
   *
   * @param heldMs how long the viewer held it before, while its display was busy
   * @returns the capture time of that frame, or undefined if it was not in flight
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
    const arrivedAt = Math.max(now - heldMs, this.#lastArrivalAt);
    const takenMs = Math.max(0, arrivedAt - Math.max(arrived, this.#lastArrivalAt));
    const linkMs = takenMs - Math.min(this.lateMs, takenMs * MAX_LATE_SHARE);
    this.#linkMsPerByte = mean(this.#linkMsPerByte, linkMs / bytes);
    this.#latest = [this.#latest[1], { linkMs, bytes }];
    this.#lastArrivalAt = arrivedAt;
    return last.seq === seq ? last.time : undefined;
  }

  /**
   * When the next frame may leave: -Infinity means immediately, Infinity not before the next
   * acknowledgement.
   *
   * @param withPing whether a ping leaves before it, which should find the queue empty
   */
  freeAt(withPing = false): number {
    if (this.#inFlight.length === 0) return -Infinity;
    if (this.#msPerByte === undefined || this.#roundTripMs === undefined) {
      return Infinity;
    }
    // If acknowledgements stop, everything in flight is stale later. So no more may be in
    // flight than the round trip needs, and one frame for jitter.
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

  /** When the network began to carry a frame, plus the round trip. */
  #beganAt({ sentAt }: InFlight): number {
    return Math.max(sentAt + (this.#roundTripMs ?? 0), this.#lastArrivalAt);
  }
}

function mean(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (value - before) * GAIN;
}
