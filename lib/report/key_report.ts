/**
 * Reports on keys: peers refused, and keys saved.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import type { Console } from "../program/console.ts";
import type { Credential } from "../security/credentials.ts";
import { CamcatError } from "../base/errors.ts";
import { Keyring } from "../security/keyring.ts";
import type { OnRefused } from "../security/throttle.ts";

/** Makes a callback that reports peers that were refused because they do not have the key. */
export function reportRefused(console: Console): OnRefused {
  return (address, reason, failures) =>
    console.warn(
      { event: "refused", address, reason, failures },
      `${address} was refused: ${reason}` + (failures > 1 ? ` (${failures} times)` : ""),
    );
}

/**
 * Saves a key that has worked and that the user had to type, for the next time. Of a sender whose
 * key is saved, saves where it is now, and the name of its camera.
 *
 * @param name the name of its camera, if that is known
 */
export function rememberKey(
  console: Console,
  address: Address,
  { key, from }: Credential,
  name?: string,
): void {
  if (from !== "given" && from !== "remembered") return;
  const to = formatAddress(address);
  try {
    const isNew = Keyring.ofUser().remember(address, key, name);
    if (!isNew || from === "remembered") return;
    console.event({ event: "remembered", to }, `Saved the key of ${to} for the next time`);
  } catch (error) {
    if (!(error instanceof CamcatError)) throw error;
    console.warn({ event: "not-remembered", to, reason: error.message }, error.message);
  }
}
