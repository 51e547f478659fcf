/**
 * Acting when an `AbortSignal` is aborted, and waiting until then.
 *
 * @module
 */

/**
 * Calls `action` once when `signal` is aborted, immediately if it is already aborted. Disposing of
 * the result removes the listener; otherwise a long-lived signal would keep `action` in memory.
 *
 *     using _ = onAbort(signal, () => connection.close());
 */
export function onAbort(signal: AbortSignal | undefined, action: () => void): Disposable {
  const listener = () => action(); // without the event
  if (signal?.aborted) action();
  else signal?.addEventListener("abort", listener, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", listener) };
}

/** Resolves when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void onAbort(signal, resolve));
}

/** Waits; ends early, without an error, when `signal` is aborted. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  using _ = onAbort(signal, resolve);
  await promise;
  clearTimeout(timer);
}
