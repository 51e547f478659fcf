/**
 * Runs a target on input after input, and tells how to repeat a failure.
 *
 * @module
 */

import { messageOf } from "../../lib/base/errors.ts";
import { Random } from "../support/random.ts";
import type { Target } from "./target.ts";

/** An input for which something does not hold. */
export class FuzzFailure extends Error {
  /** Tells the target, the seed of the case, and its input as base64. */
  constructor(name: string, seed: number, input: Uint8Array | undefined, cause: unknown) {
    const what = input === undefined ? "no input was made" : `input ${input.toBase64()}`;
    super(`${name} fails with seed ${seed}: ${messageOf(cause)}\n${what}`, { cause });
  }
}

/**
 * Runs one case: all of it follows from its seed.
 *
 * @throws {FuzzFailure} if something does not hold
 */
export function runCase(name: string, target: Target, seed: number): void {
  const random = new Random(seed);
  let input: Uint8Array<ArrayBuffer> | undefined;
  try {
    input = target.make(random);
    target.check(input, random);
  } catch (cause) {
    throw new FuzzFailure(name, seed, input, cause);
  }
}

/**
 * Runs cases with the seeds from `seed` on, for some time.
 *
 * @returns how many there were
 * @throws {FuzzFailure} at the first for which something does not hold
 */
export function runFor(name: string, target: Target, seed: number, ms: number): number {
  const until = performance.now() + ms;
  let count = 0;
  while (performance.now() < until) runCase(name, target, seed + count++);
  return count;
}
