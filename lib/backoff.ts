/**
 * Waiting between attempts.
 *
 * @module
 */

/** How long to wait before trying again: doubles from 0.2 s to 5 s, give or take a quarter. */
export class Backoff {
  #nextMs = 200;

  /** The next delay in milliseconds. */
  nextMs(): number {
    const delay = this.#nextMs;
    this.#nextMs = Math.min(delay * 2, 5000);
    return delay * (0.75 + Math.random() * 0.5); // jitter: many peers must not come back at once
  }

  /** Begins anew, after a success. */
  reset(): void {
    this.#nextMs = 200;
  }
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Waits; ends early, without an error, when `signal` is aborted. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
