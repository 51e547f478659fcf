/**
 * What to run at the other end.
 *
 * @module
 */

import type { Key } from "../security/key.ts";

/** Options of {@linkcode invitation}. */
export interface ConnectInstructionsOptions {
  /** The addresses to give to others. */
  addresses: string[];
  /** The key they need; undefined if none. */
  key: Key | undefined;
  /** Whether only the user reads this, as on a terminal; a log is no place for a key. */
  isPrivate: boolean;
}

/** The lines that say what to run elsewhere: `command`, an address and the key. */
export function connectInstructions(
  command: string,
  { addresses, key, isPrivate }: ConnectInstructionsOptions,
): string[] {
  const secret = key === undefined ? "" : isPrivate ? `/${key.text}` : "/KEY";
  return [
    ...addresses.map((address) => `  ${command} ${address}${secret}`),
    ...(key !== undefined && !isPrivate
      ? ["where KEY is what `sender --show-key` prints on this machine"]
      : []),
  ];
}

/** Options of {@linkcode webInvitation}. */
export interface PageInstructionsOptions extends ConnectInstructionsOptions {
  /** `http` or `https`. */
  scheme: "http" | "https";
  /** What programs show in place of the key; undefined if there is none. */
  token: string | undefined;
}

/** The lines that say where the page is, and how programs get at the picture. */
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
    "and other programs:",
    `  ffplay ${scheme}://${login}${address}/stream.mjpg`,
    `  curl ${header}-o snapshot.jpg ${scheme}://${address}/snapshot.jpg`,
    ...(key !== undefined && !isPrivate
      ? ["where KEY and TOKEN are what `sender --show-key` and `sender --show-token` print here"]
      : []),
  ];
}

/** Where the page is to be found. */
export function pageAddresses(
  { addresses, key, scheme }: {
    addresses: string[];
    key: string | undefined;
    scheme: "http" | "https";
  },
): string[] {
  return addresses.map((address) => `${scheme}://${address}/${key === undefined ? "" : `#${key}`}`);
}
