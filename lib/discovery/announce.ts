/**
 * Announcing the cameras of a sender on its networks (RFC 6762 and 6763).
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { Address } from "../protocol/address.ts";
import { type Announced, AnnouncedCamera } from "./announced_camera.ts";
import { Announcer } from "./announcer.ts";

/** Options of {@linkcode announce}. */
export interface AnnounceOptions {
  /** Where the sender listens. */
  address: Address;
  /** Ends the announcement: the networks are told that the cameras are gone. */
  signal: AbortSignal;
  /** Called with why a network cannot be told. The others are. */
  onError: (reason: string) => void;
}

/**
 * Announces cameras on every network where viewers can reach them, also on those that this machine
 * joins later, until `signal` is aborted. A name that another machine uses gets a number. Never
 * throws.
 */
export async function announce(
  cameras: readonly Announced[],
  { address, signal, onError }: AnnounceOptions,
): Promise<void> {
  // Its own name, which no other program of this machine announces.
  const random = crypto.getRandomValues(new Uint8Array(4)).toHex();
  const host = [`camcat-${random}`, "local"];
  const announced = cameras.map((camera) => new AnnouncedCamera(camera, host));
  const reachable = (interfaces: Deno.NetworkInterfaceInfo[]) => reachableAt(address, interfaces);
  try {
    await new Announcer(announced, { host, reachable, signal, onError }).run();
  } catch (error) {
    onError(messageOf(error));
  }
}

/**
 * The interfaces, with those of their addresses, where a listener can be reached: from elsewhere,
 * or without any network from this machine.
 */
export function reachableAt(
  { hostname }: Address,
  interfaces: Deno.NetworkInterfaceInfo[],
): Deno.NetworkInterfaceInfo[] {
  const isLoopback = ({ address }: Deno.NetworkInterfaceInfo) => /^(127\.|::1$)/.test(address);
  const others = interfaces.every(isLoopback)
    ? interfaces
    : interfaces.filter((it) => !isLoopback(it));
  if (hostname === "::") return others;
  if (hostname === "0.0.0.0") return others.filter(({ family }) => family === "IPv4");
  return others.filter(({ address }) => address === hostname);
}
