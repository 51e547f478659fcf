/**
 * Whether a host can be reached at all.
 *
 * @module
 */

import { within } from "../base/within.ts";
import type { Address } from "../protocol/address.ts";
import { closeQuietly } from "../protocol/connection.ts";

/**
 * Makes a connection, and closes it again.
 *
 * @throws the system's error, or one that says that nobody answers within `ms` milliseconds
 */
export async function reach(address: Address, ms: number): Promise<void> {
  const giveUp = new AbortController();
  const connection = await within(Deno.connect({ ...address, signal: giveUp.signal }), ms);
  giveUp.abort();
  if (connection === undefined) throw new Error("it does not answer");
  closeQuietly(connection);
}
