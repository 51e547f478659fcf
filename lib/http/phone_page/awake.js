/**
 * Keeps the screen on: phones take the camera away from a page that is not on show.
 *
 * @module
 */

let lock;

/** Keeps it on, as long as the page is on show. */
export async function keepAwake() {
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    // the battery is low, or the page is hidden just now
  }
}

/** Lets it go off. */
export function letSleep() {
  lock?.release().catch(() => {});
}
