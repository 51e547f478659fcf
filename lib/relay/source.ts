/**
 * The sender that a relay gets its pictures from: where it is, and the key for it.
 *
 * @module
 */

import { CamcatError, type KeyError } from "../base/errors.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import type { Elsewhere } from "../receive/seeker.ts";
import { type Credential, explainKey, isThisMachine } from "../security/credentials.ts";

/** A sender whose cameras are relayed. */
export interface RelaySource {
  /** Where it is, or was last. */
  address: Address;
  /** The key, and its origin; undefined for an open sender. */
  credential: Credential | undefined;
  /** Whether an open sender will do although there is a key. */
  orOpen: boolean;
  /**
   * Where it may be while it is not there.
   *
   * @param camera the name of the camera that is relayed, if it is known
   */
  elsewhere(camera: () => string | undefined): Elsewhere;
}

/**
 * The same without the addresses of this machine: with `--same-key`, a relay is announced there with
 * the key and the camera that it looks for.
 */
export function onOtherMachines(elsewhere: Elsewhere): Elsewhere {
  return async function* (signal) {
    for await (const address of elsewhere(signal)) {
      if (!isThisMachine(address.hostname)) yield address;
    }
  };
}

/** The sentence for keys that do not match, and what the user of a relay can do. */
export function explainSourceKey(
  error: KeyError,
  { address, credential }: Pick<RelaySource, "address" | "credential">,
): CamcatError {
  if (error.problem !== "not needed") return explainKey(error, address, credential);
  const where = formatAddress(address);
  const advice = {
    remembered: "It may be another machine. If you trust it, " +
      `forget its key with: receiver --forget ${where}`,
    "set up": "If you trust it, keep the relay's own key in a --key-file instead of CAMCAT_KEY",
    given: "If you trust it, leave its key out",
    own: "If you trust it, use its address",
  }[credential?.from ?? "given"];
  return new CamcatError(
    `Cannot relay ${where} with a key: it is open and not encrypted. ${advice}`,
    { cause: error },
  );
}
