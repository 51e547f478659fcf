/**
 * How long to wait for a TLS handshake.
 *
 * Deno cannot close a connection during its TLS handshake: one that is given up keeps its descriptor
 * until the other end closes it. So a broker that accepts connections and then says nothing gets
 * fewer and fewer attempts, while one that cannot be reached is tried often.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";

/** The longest wait for a handshake, in milliseconds. */
const MAX_MS = 60_000;

/** How often in a row each broker has accepted a connection and then said nothing. */
const silences = new Map<string, number>();

/** How long to wait for the handshake with a broker that can be reached, usually `ms` milliseconds. */
export function handshakeMs(address: Address, ms: number): number {
  return Math.min(MAX_MS, ms * 2 ** (silences.get(formatAddress(address)) ?? 0));
}

/** Records whether a handshake took too long. */
export function recordHandshake(address: Address, isLate: boolean): void {
  const key = formatAddress(address);
  if (isLate) silences.set(key, (silences.get(key) ?? 0) + 1);
  else silences.delete(key);
}
