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

/** Saves a key that has worked and that the user had to type, for the next time. */
export function rememberKey(console: Console, address: Address, credential: Credential): void {
  if (credential.from !== "given") return;
  const to = formatAddress(address);
  try {
    if (!Keyring.ofUser().remember(address, credential.key)) return;
    console.event({ event: "remembered", to }, `Saved the key of ${to} for the next time`);
  } catch (error) {
    if (!(error instanceof CamcatError)) throw error;
    console.warn({ event: "not-remembered", to, reason: error.message }, error.message);
  }
}
