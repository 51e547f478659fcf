/**
 * Standard output, for bytes.
 *
 * @module
 */

import { writeAll } from "./write_all.ts";

/** How long the end of the program waits for a reader, so that nothing is cut in two. */
const FLUSH_MS = 500;

/**
 * Writes all of `bytes`; resolves when they are taken, or soon after `signal` is aborted:
 * who reads them may never go on.
 *
 * @returns whether they are taken
 * @throws what the system says, if it cannot be done
 */
export function writeOut(bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => timer = setTimeout(() => resolve(false), FLUSH_MS);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    writeAll(Deno.stdout, bytes).then(() => resolve(true), reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
  });
}
