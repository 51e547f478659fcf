/**
 * Which errors only mean that a connection is not there.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";

const OF_SYSTEM = [
  ...[Deno.errors.ConnectionReset, Deno.errors.ConnectionAborted, Deno.errors.NotConnected],
  ...[Deno.errors.BrokenPipe, Deno.errors.UnexpectedEof, Deno.errors.TimedOut],
  ...[Deno.errors.BadResource, Deno.errors.Interrupted, Deno.errors.InvalidData], // closed; TLS
];

/** Whether another attempt to connect makes sense. Any other error ends the call. */
export function isOfNetwork(error: unknown): error is Error {
  return error instanceof CamcatError || OF_SYSTEM.some((kind) => error instanceof kind);
}
