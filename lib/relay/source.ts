/**
 * The sender that a relay gets its pictures from: where it is, and the key for it.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { CamcatError, type KeyError, UsageError } from "../base/errors.ts";
import { findNamed, resolve } from "../discovery/resolve.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { type Credential, explainKey, keyToConnectWith } from "../security/credentials.ts";
import { parsePeer } from "../security/peer.ts";

/** The scheme of a SOURCE that is another sender. */
const SCHEME = /^camcat:/i;
/** The key of the command line is the relay's own, and not that of its source. */
const NO_KEY_OPTIONS = { key: undefined, "key-file": undefined, open: false };
/** How long to look for a source that is not where it was, in milliseconds. */
const FIND_AGAIN_MS = 1000;

/** A sender whose cameras are relayed. */
export interface RelaySource {
  /** What the user knows it by: its address, or the name that it was found by. */
  from: string;
  /** The camera that SOURCE names. */
  camera: string | undefined;
  /** The key, and its origin; undefined for an open sender. */
  credential: Credential | undefined;
  /** Where it was when it was last looked for. */
  readonly address: Address;
  /** Where it is now. */
  locate: (signal: AbortSignal) => Promise<Address>;
}

/**
 * Finds the sender that a SOURCE names: `camcat://HOST:PORT/KEY[/CAMERA]`, or `camcat:NAME` of a
 * camera on this network. For a name it looks until there is one.
 *
 * @param onFailure called with the reason before it looks again
 * @throws {UsageError} if it is neither, or several cameras have that name
 */
export async function findRelaySource(
  text: string,
  signal: AbortSignal,
  onFailure: (reason: string) => void,
): Promise<RelaySource> {
  const rest = text.replace(SCHEME, "");
  if (rest.startsWith("//")) {
    const { address, key, camera } = parsePeer(rest.slice(2));
    const credential = keyToConnectWith(address, key, NO_KEY_OPTIONS);
    return {
      ...{ from: formatAddress(address), camera, credential, address },
      locate: () => Promise.resolve(address),
    };
  }
  if (rest === "") {
    throw new UsageError(
      `Cannot use the SOURCE ${text}: it must be camcat://HOST:PORT/KEY or camcat:NAME`,
    );
  }
  const first = await untilFound(rest, signal, onFailure);
  let [address] = first.addresses;
  const credential = keyToConnectWith(address, undefined, NO_KEY_OPTIONS);
  let isLost = false;
  return {
    ...{ from: first.name, camera: first.camera, credential },
    get address() {
      return address;
    },
    async locate(signal) {
      if (isLost) {
        const found = await findNamed(first.name, { signal, forMs: FIND_AGAIN_MS });
        // A relay of the same camera may be announced too, under another name.
        const same = found.find(({ name, id }) => name === first.name && id === first.id);
        if (same !== undefined) [address] = same.addresses;
      }
      isLost = true; // if it is asked for again
      return address;
    },
  };
}

async function untilFound(
  name: string,
  signal: AbortSignal,
  onFailure: (reason: string) => void,
): ReturnType<typeof resolve> {
  for (const backoff = new Backoff();; await wait(backoff.nextMs(), signal)) {
    try {
      return await resolve(name, { signal });
    } catch (error) {
      const isFinal = error instanceof UsageError || !(error instanceof CamcatError);
      if (isFinal || signal.aborted) throw error;
      onFailure(error.message);
    }
  }
}

/** The sentence for keys that do not match, and what the user of a relay can do. */
export function explainSourceKey(
  error: KeyError,
  { address, credential }: RelaySource,
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
