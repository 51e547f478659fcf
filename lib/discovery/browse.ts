/**
 * Looking for the cameras that senders on this network announce (RFC 6763 section 4).
 *
 * @module
 */

import { aborted, wait } from "../base/abort.ts";
import { TYPE } from "./dns_message.ts";
import { encodeMessage } from "./dns_writer.ts";
import { type FoundCamera, FoundCameras } from "./found_cameras.ts";
import { isOnLink } from "./link.ts";
import { LinkSockets, MDNS_PORT } from "./link_sockets.ts";
import { SERVICE } from "./service.ts";

/** When to ask again, in milliseconds after the last question. */
const INTERVALS_MS = [250, 750, 1000];
/** From then on ever less often: after a tenth of the time so far, at least and at most this. */
const [MIN_INTERVAL_MS, MAX_INTERVAL_MS] = [2000, 10_000];
/** How long {@linkcode findCameras} looks. */
export const FIND_MS = 2000;
/** With less time left at the first answer, this machine is busy: it then looks as long again. */
const LATE_MS = 20;

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
  using sockets = new LinkSockets(0, {
    onPacket: (packet, { address, port }) => {
      const isAnswer = !signal.aborted && port === MDNS_PORT;
      if (isAnswer && found.add(packet, address)) onFound(found.cameras);
    },
    onError: (reason) => onError?.(reason),
  });
  const startedAt = performance.now();
  const query = encodeMessage({ isAnswer: false, questions: [{ name: SERVICE, type: TYPE.PTR }] });
  for (let round = 0; !signal.aborted; round++) {
    interfaces = Deno.networkInterfaces();
    await sockets.update(interfaces);
    if (signal.aborted) return;
    for (const link of sockets.links) sockets.send(link, query);
    const soFarMs = performance.now() - startedAt;
    const intervalMs = INTERVALS_MS[round] ??
      Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, soFarMs / 10));
    await wait(intervalMs, signal);
  }
}

/** Options of {@linkcode findCameras}. */
export interface FindOptions {
  /** Ends the search early. */
  signal?: AbortSignal | undefined;
  /** How long to look, in milliseconds. @default {2000} */
  forMs?: number | undefined;
  /**
   * Called with what was found so far whenever it is more.
   *
   * @returns how long to look, in milliseconds, if this is all; undefined for `forMs`
   */
  enoughAfterMs?: ((cameras: FoundCamera[]) => number | undefined) | undefined;
  /** Whether to look for those who wait for calls instead. @default {false} */
  calls?: boolean | undefined;
  /** Called with why a network cannot be asked. */
  onError?: ((reason: string) => void) | undefined;
}

/** Looks for cameras for a limited time. @returns those found, by name */
export async function findCameras(options: FindOptions = {}): Promise<FoundCamera[]> {
  const { signal, forMs = FIND_MS, enoughAfterMs, calls = false, onError } = options;
  const stop = new AbortController();
  const end = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  const startedAt = performance.now();
  const timers = [setTimeout(() => stop.abort(), forMs)];
  let cameras: FoundCamera[] = [];
  const onFound = (all: FoundCamera[]) => {
    const found = all.filter(({ isCall }) => isCall === calls);
    const isNews = found.length !== cameras.length;
    cameras = found;
    const enoughMs = isNews ? enoughAfterMs?.(found) : undefined;
    if (isNews) clearTimeout(timers[1]);
    if (enoughMs === undefined) return;
    const restMs = enoughMs - (performance.now() - startedAt);
    timers[1] = setTimeout(() => stop.abort(), restMs < LATE_MS ? enoughMs : restMs);
  };
  try {
    await Promise.race([browse({ signal: end, onFound, onError }), aborted(end)]);
    return cameras;
  } finally {
    stop.abort();
    timers.forEach(clearTimeout);
  }
}
