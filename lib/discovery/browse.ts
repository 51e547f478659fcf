/**
 * Looking for the cameras that senders on this network announce (RFC 6763 section 4).
 *
 * @module
 */

import { aborted, wait } from "../base/abort.ts";
import { encodeQuery, TYPE } from "./dns_message.ts";
import { type FoundCamera, FoundCameras } from "./found_cameras.ts";
import { isOnLink } from "./link.ts";
import { QuerySockets } from "./query_sockets.ts";
import { SERVICE } from "./service.ts";

/** When to ask again, in milliseconds after the last question; from then on at the last interval. */
const INTERVALS_MS = [250, 750, 1000, 2000];
/** How long {@linkcode findCameras} looks. */
export const FIND_MS = 2000;

/** Options of {@linkcode browse}. */
export interface BrowseOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Called with all cameras that are known whenever an answer has told of some. */
  onFound: (cameras: FoundCamera[]) => void;
  /** Called with why a network cannot be asked. Looking goes on. */
  onError?: ((reason: string) => void) | undefined;
}

/** Looks for cameras until `signal` is aborted. Never throws. */
export async function browse({ signal, onFound, onError }: BrowseOptions): Promise<void> {
  let interfaces: Deno.NetworkInterfaceInfo[] = [];
  const found = new FoundCameras((address) => isOnLink(address, interfaces));
  using sockets = new QuerySockets({
    onAnswer: (packet, from) => {
      if (!signal.aborted && found.add(packet, from)) onFound(found.cameras);
    },
    onError: (reason) => onError?.(reason),
  });
  const query = encodeQuery([{ name: SERVICE, type: TYPE.PTR }]);
  for (let round = 0; !signal.aborted; round++) {
    interfaces = Deno.networkInterfaces();
    sockets.ask(query, interfaces);
    await wait(INTERVALS_MS[Math.min(round, INTERVALS_MS.length - 1)], signal);
  }
}

/** Options of {@linkcode findCameras}. */
export interface FindOptions {
  /** Ends the search early. */
  signal?: AbortSignal | undefined;
  /** How long to look, in milliseconds. @default {2000} */
  forMs?: number | undefined;
  /**
   * Called with what was found so far, and when something is found.
   *
   * @returns for how many milliseconds to look further, unless more is found; undefined for `forMs`
   */
  enoughAfterMs?: ((cameras: FoundCamera[]) => number | undefined) | undefined;
  /** Called with why a network cannot be asked. */
  onError?: ((reason: string) => void) | undefined;
}

/** Looks for cameras for a limited time. @returns those found, by name */
export async function findCameras(options: FindOptions = {}): Promise<FoundCamera[]> {
  const { signal, forMs = FIND_MS, enoughAfterMs, onError } = options;
  const stop = new AbortController();
  const end = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  const timers = [setTimeout(() => stop.abort(), forMs)];
  let cameras: FoundCamera[] = [];
  const onFound = (found: FoundCamera[]) => {
    const isNews = found.length !== cameras.length;
    cameras = found;
    const enoughMs = isNews ? enoughAfterMs?.(found) : undefined;
    if (isNews) clearTimeout(timers[1]);
    if (enoughMs !== undefined) timers[1] = setTimeout(() => stop.abort(), enoughMs);
  };
  try {
    await Promise.race([browse({ signal: end, onFound, onError }), aborted(end)]);
    return cameras;
  } finally {
    stop.abort();
    timers.forEach(clearTimeout);
  }
}
