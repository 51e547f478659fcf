/**
 * Limits how many handshakes begin per second.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";

/** How many handshakes may begin. */
export interface HandshakeRate {
  /** Handshakes that may begin immediately after a quiet time. */
  burst: number;
  /** The time after which another one may begin. */
  intervalMs: number;
}

/** TLS handshakes take half a millisecond of the processor each. */
const TLS_RATE: HandshakeRate = { burst: 32, intervalMs: 10 };

/** A peer that waits for its handshake. */
interface Turn {
  isSuspect: boolean;
  begin: () => void;
}

/**
 * A token bucket in front of the handshake. While more peers ask than it allows, suspects go last,
 * and of equals the newest goes first: a viewer proves the key within a round
 * trip, while an attacker's connections pile up.
 */
export class HandshakeQueue {
  #rate: HandshakeRate;
  #tokens: number;
  #waiting: Turn[] = [];
  #refilledAt = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Lets handshakes begin at this rate. @param rate by default that of TLS handshakes */
  constructor(rate: HandshakeRate = TLS_RATE) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /**
   * Resolves when the handshake may begin, or `signal` is aborted.
   *
   * @param isSuspect whether the peer's address has failed repeatedly
   */
  async turn(isSuspect: boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = { isSuspect, begin: resolve };
    this.#waiting.push(turn);
    this.#next();
    using _ = onAbort(signal, () => {
      this.#waiting = this.#waiting.filter((other) => other !== turn);
      this.#next();
      resolve();
    });
    await promise;
  }

  #next(): void {
    const { burst, intervalMs } = this.#rate;
    const intervals = Math.floor((performance.now() - this.#refilledAt) / intervalMs);
    this.#tokens = Math.min(burst, this.#tokens + intervals);
    this.#refilledAt += intervals * intervalMs;
    while (this.#tokens > 0 && this.#waiting.length > 0) {
      this.#tokens--;
      this.#takeBest().begin();
    }
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#next(), intervalMs);
  }

  #takeBest(): Turn {
    let best = 0;
    for (const [index, { isSuspect }] of this.#waiting.entries()) {
      if (!isSuspect || this.#waiting[best].isSuspect) best = index;
    }
    return this.#waiting.splice(best, 1)[0];
  }
}
