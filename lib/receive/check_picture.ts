/**
 * Which pictures a receiver takes.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { refusalOf } from "../jpeg/markers.ts";

/** @throws {ProtocolError} if it is no picture, or larger than `maxPixels` */
export function checkPicture({ jpeg }: Frame, maxPixels: number): void {
  const refusal = refusalOf(jpeg, maxPixels);
  if (refusal === undefined) return;
  const isOnlyLarge = refusalOf(jpeg, Infinity) === undefined;
  const hint = isOnlyLarge ? ". The viewer allows more with --max-pixels" : "";
  throw new ProtocolError(`Cannot take a picture: ${refusal}${hint}`);
}
