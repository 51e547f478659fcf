/**
 * Who fails again and again has to wait.
 *
 * @module
 */

/** Failures of one address that may be mistakes. */
const FREE_FAILURES = 3;
/** The delay after one failure more; it doubles with each, up to the longest. */
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
/** After how long an address is a new one again. */
const FORGET_MS = 60_000;
/** Addresses remembered at most. */
const MAX_ADDRESSES = 1024;

/** Hears of the 1st, 10th, 100th ... failure of an address in a row. */
export type OnRefused = (address: string, reason: string, failures: number) => void;

/** Counts failures by address, and tells how long the next attempt is to be delayed. */
export class Throttle {
  /** The address that failed longest ago is the first. */
  #failures = new Map<string, { count: number; at: number }>();
  #onRefused: OnRefused | undefined;

  /** Knows of no failure. */
  constructor(onRefused?: OnRefused) {
    this.#onRefused = onRefused;
  }

  /** Who an IP address stands for: of IPv6 everybody has at least a /64 (RFC 6177). */
  static addressOf(hostname: string): string {
    const host = hostname.replace(/%.*/, "").replace(/^::ffff:(?=\d+\.)/i, "");
    if (!host.includes(":")) return host;
    const [head, tail] = host.split("::").map((part) => part.split(":").filter(Boolean));
    const zeros = tail === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
    const groups = [...head, ...Array(zeros).fill("0"), ...tail ?? []];
    return `${groups.slice(0, 4).join(":")}::/64`;
  }

  /** How long to wait before an attempt of that address is looked at, in milliseconds. */
  delayMs(address: string, now: number = performance.now()): number {
    const tooMany = this.#count(address, now) - FREE_FAILURES;
    return tooMany <= 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (tooMany - 1), LONGEST_DELAY_MS);
  }

  /** Takes note of a failure. @returns how many there were in a row */
  add(address: string, reason: string, now: number = performance.now()): number {
    const count = this.#count(address, now) + 1;
    this.#failures.delete(address); // to become the last
    this.#failures.set(address, { count, at: now });
    if (this.#failures.size > MAX_ADDRESSES) {
      this.#failures.delete(this.#failures.keys().next().value!);
    }
    if (Number.isInteger(Math.log10(count))) this.#onRefused?.(address, reason, count);
    return count;
  }

  /** Forgets what an address has failed. */
  forget(address: string): void {
    this.#failures.delete(address);
  }

  #count(address: string, now: number): number {
    const failures = this.#failures.get(address);
    return failures === undefined || now - failures.at > FORGET_MS ? 0 : failures.count;
  }
}
