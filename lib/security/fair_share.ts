/**
 * Fairness between addresses: whoever takes most gives way first.
 *
 * @module
 */

import { Throttle } from "./throttle.ts";

/**
 * Whom a connection counts for: the address of its peer, as a {@linkcode Throttle} counts it.
 *
 * @param peer as `formatAddress` writes it
 */
export function addressOfPeer(peer: string): string {
  return Throttle.addressOf(peer.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
}

/** The first entry of the address with most entries; `entries` are in the order of arrival. */
export function oldestOfBusiest<T extends { readonly from: string }>(
  entries: Iterable<T>,
): T | undefined {
  const byAddress = new Map<string, { oldest: T; count: number }>();
  let busiest: { oldest: T; count: number } | undefined;
  for (const entry of entries) {
    const ofAddress = byAddress.get(entry.from) ?? { oldest: entry, count: 0 };
    ofAddress.count++;
    byAddress.set(entry.from, ofAddress);
    if (ofAddress.count > (busiest?.count ?? 0)) busiest = ofAddress;
  }
  return busiest?.oldest;
}
