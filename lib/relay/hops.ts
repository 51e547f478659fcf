/**
 * How many relays frames may pass: what keeps relays from forming a loop.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";

/** The most relays in a row. Pictures that have passed more are taken to go in a circle. */
export const MAX_HOPS = 8;

/** The frames of the source come from this very relay, or have passed too many others. */
export class LoopError extends CamcatError {
  override name = "LoopError";

  /** @param from the source, as the user knows it */
  constructor(from: string) {
    super(
      `Cannot relay ${from}: its pictures have passed ${MAX_HOPS} relays already. ` +
        "Relays must not send to each other in a circle",
    );
  }
}

/**
 * The number of hops after one more relay.
 *
 * @param hops what the source says
 * @param from the source, as the user knows it
 * @throws {LoopError} if there have been too many
 */
export function oneMoreHop(hops: number, from: string): number {
  if (hops >= MAX_HOPS) throw new LoopError(from);
  return hops + 1;
}
