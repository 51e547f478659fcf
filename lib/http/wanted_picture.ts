/**
 * The picture that a URL asks for: `?width=640&quality=60&fps=5&max_rate=500k`.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { parseRate } from "../base/quantity.ts";
import { qscaleOfQuality } from "../base/quality.ts";
import type { Wanted } from "../send/rendition_sink.ts";

/** Each parameter, and how it is read; what is thrown says what it must be. */
const PARAMETERS: Record<string, (text: string) => Wanted> = {
  width: (text) => ({ width: wholeNumber(text, 16, 8192) }),
  height: (text) => ({ height: wholeNumber(text, 16, 8192) }),
  quality: (text) => ({ qscale: qscaleOfQuality(wholeNumber(text, 1, 100)) }),
  fps: (text) => ({ fps: number(text, 0.1, 240) }),
  max_rate: (text) => ({ rate: parseRate(text) }),
};

/**
 * Reads the parameters of a URL.
 *
 * @returns undefined if it asks for the camera's own pictures; a sentence if it makes no sense
 */
export function wantedOf(parameters: URLSearchParams): Wanted | undefined | string {
  const wanted: Wanted = {};
  for (const [name, read] of Object.entries(PARAMETERS)) {
    const text = parameters.get(name);
    if (text === null) continue;
    try {
      Object.assign(wanted, read(text));
    } catch (error) {
      return `Cannot use ${name}: ${messageOf(error)}`;
    }
  }
  return Object.keys(wanted).length === 0 ? undefined : wanted;
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`it must be a whole number from ${least} to ${most}`);
}

function number(text: string, least: number, most: number): number {
  const value = Number(text);
  if (text !== "" && value >= least && value <= most) return value;
  throw new RangeError(`it must be a number from ${least} to ${most}`);
}
