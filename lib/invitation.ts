/**
 * What to run at the other end.
 *
 * @module
 */

import type { Key } from "./key.ts";

/** Options of {@linkcode invitation}. */
export interface InvitationOptions {
  /** The addresses to give to others. */
  addresses: string[];
  /** The key they need; undefined if none. */
  key: Key | undefined;
  /** Whether only the user reads this, as on a terminal; a log is no place for a key. */
  isPrivate: boolean;
}

/** The lines that say what to run elsewhere: `command`, an address and the key. */
export function invitation(
  command: string,
  { addresses, key, isPrivate }: InvitationOptions,
): string[] {
  const secret = key === undefined ? "" : isPrivate ? `/${key.text}` : "/KEY";
  return [
    ...addresses.map((address) => `  ${command} ${address}${secret}`),
    ...(key !== undefined && !isPrivate
      ? ["where KEY is what `sender --show-key` prints on this machine"]
      : []),
  ];
}
