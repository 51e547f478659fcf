/**
 * File descriptors that connections must leave free.
 *
 * @module
 */

import { isShortage } from "../base/shortage.ts";

/** What a restarted capture and the files of a program need. */
const RESERVE = 16;
/** Descriptors that one check covers, so that not every connection costs one. */
const CHECKED = 16;
/** How long a check holds: other parts of the program use descriptors too. */
const VALID_MS = 1000;

/**
 * Says whether a connection leaves enough descriptors for the rest of the program. Nothing can be
 * asked for their number, so it opens some for a moment.
 */
export class DescriptorReserve {
  #credit = 0;
  #checkedAt = -Infinity;
  #open = canOpen() ? () => Deno.openSync("/dev/null") : undefined;

  /** Whether one more connection, which is open already, may stay open. */
  hasRoom(): boolean {
    if (this.#open === undefined) return true;
    const now = performance.now();
    if (this.#credit === 0 || now - this.#checkedAt > VALID_MS) {
      this.#credit = Math.max(0, this.#count(this.#open) - RESERVE);
      this.#checkedAt = now;
    }
    if (this.#credit === 0) return false;
    this.#credit--;
    return true;
  }

  #count(open: () => Disposable): number {
    using files = new DisposableStack();
    for (let count = 0; count < RESERVE + CHECKED; count++) {
      try {
        files.use(open());
      } catch (error) {
        if (isShortage(error)) return count;
        throw error;
      }
    }
    return RESERVE + CHECKED;
  }
}

/** Whether this system has a file that can always be opened, and this program may do so. */
function canOpen(): boolean {
  if (Deno.build.os === "windows") return false;
  const permission = { name: "read", path: "/dev/null" } as const;
  return Deno.permissions.querySync(permission).state === "granted";
}
