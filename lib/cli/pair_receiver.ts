/**
 * Asking the user for the code that a sender shows.
 *
 * @module
 */

import { CamcatError, KeyError } from "../base/errors.ts";
import { MAX_TRIES, parseCode } from "../pairing/code.ts";
import { ask } from "../program/ask.ts";
import type { Console } from "../program/console.ts";
import { formatAddress } from "../protocol/address.ts";
import { camerasOf } from "../receive/remote_cameras.ts";
import type { Key } from "../security/key.ts";
import type { Peer } from "../security/peer.ts";

/**
 * Gets the key of a sender that shows a code, by asking for that on the terminal.
 *
 * @returns the peer with its key; as it was if it shows no code, or cannot be reached
 * @throws {CamcatError} if no code was right
 */
export async function pairReceiver(
  peer: Peer,
  console: Console,
  signal: AbortSignal,
): Promise<Peer> {
  if (await triesAt(peer, signal) === undefined) return peer;
  const where = formatAddress(peer.address);
  // Each code that is typed is one guess for somebody in the middle: no more than at the sender.
  for (let tried = 1;; tried++) {
    const code = await askForCode(where, console, signal);
    if (code === undefined) return peer;
    try {
      return { ...peer, key: await keyFor(code, peer, signal) };
    } catch (error) {
      if (!(error instanceof KeyError) || !error.tries || tried === MAX_TRIES) {
        throw error instanceof KeyError
          ? new CamcatError(`${error.message}. Run \`sender --pair\` there for another code`, {
            cause: error,
          })
          : error;
      }
      console.warn({ event: "pairing-failed", to: where, reason: error.message }, error.message);
    }
  }
}

/** How often a code may be tried at a sender; undefined if it shows none, or is not there. */
async function triesAt({ address }: Peer, signal: AbortSignal): Promise<number | undefined> {
  try {
    await camerasOf(address, { signal }); // an open one answers, any other says what it needs
    return undefined;
  } catch (error) {
    return error instanceof KeyError ? error.tries : undefined;
  }
}

/** Six digits; undefined if the user does not type any. */
async function askForCode(
  where: string,
  console: Console,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (;;) {
    const text = await ask(`Code shown by the sender at ${where}: `, signal);
    if (!text) return undefined;
    const code = parseCode(text);
    if (code !== undefined) return code;
    const reason = "A code has 6 digits";
    console.warn({ event: "pairing-failed", to: where, reason }, reason);
  }
}

/** Loads the cryptography, and tries a code. */
async function keyFor(code: string, { address }: Peer, signal: AbortSignal): Promise<Key> {
  const { pairWith } = await import("../pairing/pair_with.ts");
  return await pairWith(address, code, signal);
}
