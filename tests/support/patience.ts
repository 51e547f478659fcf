/**
 * Waiting for what must happen, up to a limit. Time is real here, also while `support/time.ts`
 * stands in for it: sockets and processes need real time.
 *
 * @module
 */

const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Waiting longer than this for anything is a failure. */
const PATIENCE_MS = 120_000;

/** Fails, with what was waited for, if `action` takes too long. */
export async function withPatience<T>(action: () => Promise<T>, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Gave up waiting for ${what()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([action(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves as soon as `condition` holds, looking often: for what the system does not announce. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadline = now() + PATIENCE_MS;
  while (!(await condition())) {
    if (now() > deadline) throw new Error(`Gave up waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
