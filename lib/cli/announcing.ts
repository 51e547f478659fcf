/**
 * Announcing what a sender sends, where other machines can reach it.
 *
 * @module
 */

import type { Console } from "../program/console.ts";
import type { Address } from "../protocol/address.ts";
import { PROTOCOL_VERSION } from "../protocol/control.ts";
import { idOf } from "../security/identity.ts";
import type { Key } from "../security/key.ts";

/** What {@linkcode announceCameras} tells, and where errors go. */
export interface AnnouncingOptions {
  /** The names of the cameras. */
  cameras: readonly string[];
  /** Where the sender listens. */
  address: Address;
  /** The key; undefined if the sender is open. */
  key: Key | undefined;
  /** Where the page is, if there is one. */
  http: Address | undefined;
  /** Whether it is somebody who waits for calls. @default {false} */
  isCall?: boolean;
  /** Shows the first error with `--verbose`. */
  console: Console;
  /** Ends the announcement. */
  signal: AbortSignal;
}

/** Whether only this machine can reach an address. */
export function isLoopback({ hostname }: Address): boolean {
  return /^(127\.|::1$|localhost$)/i.test(hostname);
}

/**
 * Announces cameras until `signal` is aborted; not those that only this machine can reach. Never
 * throws: sending does not depend on it.
 */
export async function announceCameras(
  { cameras, address, key, http, isCall = false, console, signal }: AnnouncingOptions,
): Promise<void> {
  if (isLoopback(address)) return;
  let hasFailed = false;
  const onError = (reason: string) => {
    if (!hasFailed) console.detail(`The cameras are not announced everywhere: ${reason}`);
    hasFailed = true;
  };
  const info = {
    version: PROTOCOL_VERSION,
    needsKey: key !== undefined,
    id: key && await idOf(key),
    httpPort: http === undefined || isLoopback(http) ? undefined : http.port,
    isCall,
  };
  // Loaded now: viewers with an address do not wait for it.
  const { announce } = await import("../discovery/announce.ts");
  const { port } = address;
  await announce(cameras.map((name) => ({ name, port, info })), { address, signal, onError });
}
