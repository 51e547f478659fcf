/**
 * A parser under fuzz.
 *
 * @module
 */

import type { Bytes } from "../../lib/jpeg/frame.ts";
import type { Random } from "../support/random.ts";

/** One parser: how to make an input for it, and what must hold then. */
export interface Target {
  /** An input that is nearly right; the same for the same state of `random`. */
  make(random: Random): Bytes;
  /** Throws if something does not hold. `random` is for what does not depend on the input. */
  check(input: Bytes, random: Random): void;
}
