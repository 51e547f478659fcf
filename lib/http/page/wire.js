/**
 * The protocol of docs/protocol.md over a WebSocket. Each WebSocket message holds whole messages of
 * the protocol.
 *
 * @module
 */

const LENGTH_BYTES = 4;

/**
 * Encodes a control message.
 *
 * @param {object} message
 * @returns {Uint8Array}
 */
export function encode(message) {
  const payload = new TextEncoder().encode(JSON.stringify(message));
  const bytes = new Uint8Array(LENGTH_BYTES + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length);
  bytes.set(payload, LENGTH_BYTES);
  return bytes;
}

/**
 * Decodes one message of the WebSocket: control messages as objects, JPEGs as bytes.
 *
 * @param {ArrayBuffer} buffer
 * @returns {Generator<object | Uint8Array>}
 */
export function* decode(buffer) {
  const view = new DataView(buffer);
  for (let at = 0; at + LENGTH_BYTES < buffer.byteLength;) {
    const payload = new Uint8Array(buffer, at + LENGTH_BYTES, view.getUint32(at));
    at += LENGTH_BYTES + payload.length;
    yield payload[0] === 0xff ? payload : JSON.parse(new TextDecoder().decode(payload));
  }
}

/** Milliseconds since the Unix epoch, with fractions; never goes back. */
export function now() {
  return performance.timeOrigin + performance.now();
}

/** How many of the latest messages in each direction count. */
const SAMPLES = 16;

/**
 * Estimates the sender's clock as `lib/protocol/clock_sync.ts` does: from the fastest message in
 * each direction, as if both directions took equally long.
 */
export class ClockSync {
  #there = [];
  #back = [];

  /** The sender's clock minus ours in milliseconds; undefined before the first answer. */
  get offsetMs() {
    if (this.#there.length === 0) return undefined;
    return (Math.min(...this.#there) - Math.min(...this.#back)) / 2;
  }

  /**
   * Adds a ping from the sender.
   *
   * @param {{time: number}} message
   * @param {number} received when it arrived, on our clock
   */
  ping({ time }, received) {
    keep(this.#back, received - time);
  }

  /**
   * Adds a pong.
   *
   * @param {{time: number, clock: number}} message
   * @param {number} received when it arrived, on our clock
   */
  pong({ time, clock }, received) {
    if (!(received >= time)) return;
    keep(this.#there, clock - time);
    keep(this.#back, received - clock);
  }
}

/** Adds a sample; removes the oldest if there are too many. */
function keep(samples, sample) {
  samples.push(sample);
  if (samples.length > SAMPLES) samples.shift();
}
