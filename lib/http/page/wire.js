/**
 * The protocol as the page speaks it: docs/protocol.md, over a WebSocket whose messages
 * end where a message of the protocol ends.
 *
 * @module
 */

const LENGTH_BYTES = 4;

/**
 * Writes a control message.
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
 * Reads what came in one message of the socket: control messages, and JPEGs as bytes.
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

/** Milliseconds since the Unix epoch, in fractions, never going back. */
export function now() {
  return performance.timeOrigin + performance.now();
}

/** How many of the latest messages each way are looked at. */
const SAMPLES = 16;

/**
 * Estimates the sender's clock, as lib/clock.ts does: each way by itself, of what took the
 * time along it the quickest is believed, and both ways are taken for equally long.
 */
export class ClockSync {
  #there = [];
  #back = [];

  /** The sender's clock less ours in milliseconds, undefined before the first answer. */
  get offsetMs() {
    if (this.#there.length === 0) return undefined;
    return (Math.min(...this.#there) - Math.min(...this.#back)) / 2;
  }

  /**
   * Takes in a ping of the sender's.
   *
   * @param {{time: number}} message
   * @param {number} received when it came, on our clock
   */
  ping({ time }, received) {
    keep(this.#back, received - time);
  }

  /**
   * Takes in a pong.
   *
   * @param {{time: number, clock: number}} message
   * @param {number} received when it came, on our clock
   */
  pong({ time, clock }, received) {
    if (!(received >= time)) return;
    keep(this.#there, clock - time);
    keep(this.#back, received - clock);
  }
}

/** Adds a sample, and forgets the oldest beyond the last few. */
function keep(samples, sample) {
  samples.push(sample);
  if (samples.length > SAMPLES) samples.shift();
}
