/**
 * Rate limiting by address after repeated failures.
 *
 * @module
 */

/** Failures of one address without a delay: they may be mistakes. */
const FREE_FAILURES = 3;
/** The delay after the next failure; it doubles with each, up to the longest. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
/** Failures are forgotten this long after the last one. */
const FORGET_MS = 60_000;
/** The most addresses remembered. */
const MAX_ADDRESSES = 1024;

/** Reports in a minute at most, whatever the number of addresses. */
const MAX_REPORTS = 20;
const REPORT_MS = 60_000;

/** Called at the 1st, 10th, 100th ... failure of an address in a row, at most 20 times a minute. */
export type OnRefused = (address: string, reason: string, failures: number) => void;

/** Counts failures by address, and computes the delay of the next attempt. */
export class Throttle {
  /** Ordered by the last failure, the oldest first. */
  #failures = new Map<string, { count: number; at: number }>();
  #onRefused: OnRefused | undefined;
  #reports = 0;
  #reportsSince = -Infinity;

  /** Starts without failures. */
  constructor(onRefused?: OnRefused) {
    this.#onRefused = onRefused;
  }

  /** The unit that is throttled: an IPv4 address, or an IPv6 /64, which every site has (RFC 6177). */
  static addressOf(hostname: string): string {
    const host = hostname.replace(/%.*/, "").replace(/^::ffff:(?=\d+\.)/i, "");
    if (!host.includes(":")) return host;
    const [head, tail] = host.split("::").map((part) => part.split(":").filter(Boolean));
    const zeros = tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
    const groups = [...head, ...Array(zeros).fill("0"), ...tail ?? []];
    return `${groups.slice(0, 4).join(":")}::/64`;
  }

  /** The delay before the next attempt of that address is handled, in milliseconds. */
  delayMs(address: string, now: number = performance.now()): number {
    const tooMany = this.#count(address, now) - FREE_FAILURES;
    return tooMany <= 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (tooMany - 1), LONGEST_DELAY_MS);
  }

  /** Records a failure. @returns how many there were in a row */
  add(address: string, reason: string, now: number = performance.now()): number {
    const count = this.#count(address, now) + 1;
    this.#failures.delete(address); // to become the last
    this.#failures.set(address, { count, at: now });
    if (this.#failures.size > MAX_ADDRESSES) {
      this.#failures.delete(this.#failures.keys().next().value!);
    }
    if (Number.isInteger(Math.log10(count))) this.#report(address, reason, count, now);
    return count;
  }

  /** Forgets the failures of an address. */
  forget(address: string): void {
    this.#failures.delete(address);
  }

  #report(address: string, reason: string, count: number, now: number): void {
    if (now - this.#reportsSince > REPORT_MS) {
      this.#reportsSince = now;
      this.#reports = 0;
    }
    if (this.#reports++ < MAX_REPORTS) this.#onRefused?.(address, reason, count);
  }

  #count(address: string, now: number): number {
    const failures = this.#failures.get(address);
    return failures === undefined || now - failures.at > FORGET_MS ? 0 : failures.count;
  }
}
