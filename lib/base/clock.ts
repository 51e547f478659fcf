/**
 * Time on this machine and on the peer's.
 *
 * @module
 */

/**
 * Milliseconds since the Unix epoch, in fractions, never going back: the system
 * clock as it was when the program started, carried on by the steady one.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Less than this between two clocks, in milliseconds, comes from reading them one after the other. */
const MIN_STEP_MS = 1000;

/**
 * How far the system clock is ahead of {@linkcode now}, in milliseconds: 0 until it is set, as on
 * small machines soon after they have started, or this machine has slept. What is dated for people
 * needs it.
 */
export function clockStepMs(): number {
  const stepMs = Date.now() - now();
  return Math.abs(stepMs) < MIN_STEP_MS ? 0 : stepMs;
}
