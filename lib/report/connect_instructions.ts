/**
 * Says how to connect to this machine: commands, addresses and keys.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import type { Key } from "../security/key.ts";
import { reachableAddresses } from "../security/listen.ts";

/** Options of {@linkcode connectInstructions}. */
export interface ConnectInstructionsOptions {
  /** The addresses to give to others. */
  addresses: string[];
  /** The key that is needed; undefined if none is. */
  key: Key | undefined;
  /** Whether only the user reads this, such as on a terminal. A log never gets a key. */
  isPrivate: boolean;
}

/** The lines that say what to run on the other machine: `command`, an address and the key. */
export function connectInstructions(
  command: string,
  { addresses, key, isPrivate }: ConnectInstructionsOptions,
): string[] {
  const secret = key === undefined ? "" : isPrivate ? `/${key.text}` : "/KEY";
  return [
    ...addresses.map((address) => `  ${command} ${address}${secret}`),
    ...(key !== undefined && !isPrivate
      ? ["To see KEY, run `sender --show-key` on this machine"]
      : []),
  ];
}

/** Options of {@linkcode pageInstructions}. */
export interface PageInstructionsOptions extends ConnectInstructionsOptions {
  /** `http` or `https`. */
  scheme: "http" | "https";
  /** What HTTP clients use in place of the key; undefined if there is no key. */
  token: string | undefined;
}

/** The lines that say where the page is, and how HTTP clients get the picture. */
export function pageInstructions(
  { addresses, key, isPrivate, scheme, token }: PageInstructionsOptions,
): string[] {
  const shown = isPrivate ? token : "TOKEN";
  const [address] = addresses;
  const login = key === undefined ? "" : `camcat:${shown}@`;
  const header = key === undefined ? "" : `-H "Authorization: Bearer ${shown}" `;
  return [
    ...pageAddresses({ addresses, key: isPrivate ? key?.text : key && "KEY", scheme })
      .map((url) => `  ${url}`),
    "In other programs:",
    `  ffplay ${scheme}://${login}${address}/stream.mjpg`,
    `  curl ${header}-o snapshot.jpg ${scheme}://${address}/snapshot.jpg`,
    ...(key !== undefined && !isPrivate
      ? ["To see KEY and TOKEN, run `sender --show-key` and `sender --show-token` on this machine"]
      : []),
  ];
}

/** Where browsers find the page: the names given for it, or the addresses of this machine. */
export function pageHosts(
  { address, names, scheme }: {
    address: Address;
    names: readonly string[];
    scheme: "http" | "https";
  },
): string[] {
  // On a local address, names belong to a proxy; with a certificate they are in it.
  return names.length > 0 && (!isLocal(address) || scheme === "https")
    ? names.map((hostname) => formatAddress({ hostname, port: address.port }))
    : reachableAddresses(address);
}

/** Whether only this machine can reach an address. */
export function isLocal({ hostname }: Address): boolean {
  return /^(127\.|::1$|localhost$)/.test(hostname);
}

/** The URLs of the page. */
export function pageAddresses(
  { addresses, key, scheme }: {
    addresses: string[];
    key: string | undefined;
    scheme: "http" | "https";
  },
): string[] {
  return addresses.map((address) => `${scheme}://${address}/${key === undefined ? "" : `#${key}`}`);
}
