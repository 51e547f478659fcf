/**
 * Reports that the system has run out of something.
 *
 * @module
 */

import type { Console } from "../program/console.ts";

/** Makes a callback that reports that connections are refused for lack of file descriptors. */
export function reportShortage(console: Console): (reason: string) => void {
  return (reason) => console.warn({ event: "shortage", reason }, reason);
}
