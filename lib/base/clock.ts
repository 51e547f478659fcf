/**
 * The clock of this machine.
 *
 * @module
 */

/**
 * Milliseconds since the Unix epoch, with fractions. It never goes back: it is the system clock at
 * the start of the program plus the monotonic time since then.
 */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A smaller difference, in milliseconds, comes from reading the two clocks one after the other. */
const MIN_STEP_MS = 1000;

/**
 * How far the system clock is ahead of {@linkcode now}, in milliseconds. It is 0 until the system
 * clock is set (small machines do that soon after booting) or the machine has slept. Add it to dates
 * that people read.
 */
export function clockStepMs(): number {
  const stepMs = Date.now() - now();
  return Math.abs(stepMs) < MIN_STEP_MS ? 0 : stepMs;
}
