/**
 * Waiting for a promise with a time limit.
 *
 * @module
 */

/**
 * The value of `promise`, or undefined after `ms` milliseconds. It leaves no timer running. After a
 * pause of this process, what came in time is still taken.
 */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) =>
    // Timers run before the network is read: one more turn of the event loop lets it be read.
    timer = setTimeout(() => timer = setTimeout(() => resolve(undefined)), ms)
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
