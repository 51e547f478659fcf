/**
 * Getting the key of a sender that shows a code.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import { type Address, formatAddress } from "../protocol/address.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { type Control, PROTOCOL_VERSION } from "../protocol/control.ts";
import { readControl } from "../protocol/read_control.ts";
import { dial } from "../security/dial.ts";
import { Key } from "../security/key.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { PairingGuest } from "./guest.ts";

/** How long a sender may take for the whole exchange. */
const EXCHANGE_MS = 5000;

/**
 * Tries a code at a sender.
 *
 * @param code six digits
 * @returns the key of the sender; it knows the code too
 * @throws {KeyError} if it is not the sender's code; `tries` of it says how many are left
 * @throws {CamcatError} if the sender cannot be reached, or whoever answered does not know the code
 */
export async function pairWith(address: Address, code: string, signal: AbortSignal): Promise<Key> {
  const guest = await PairingGuest.begin(code, "key");
  const connection = await dial(address, { signal });
  let late: string | undefined;
  const timer = setTimeout(() => {
    late = `it did not answer within ${EXCHANGE_MS / 1000} s`;
    closeQuietly(connection);
  }, EXCHANGE_MS);
  using _ = onAbort(signal, () => closeQuietly(connection));
  try {
    return await exchange(guest, connection);
  } catch (cause) {
    const reason = late ??
      (cause instanceof CamcatError ? cause.message : "the connection was lost");
    const sentence = `Cannot pair with ${formatAddress(address)}: ${reason}`;
    throw cause instanceof KeyError
      ? new KeyError(cause.problem, sentence, { cause, tries: cause.tries })
      : new CamcatError(sentence, { cause });
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

async function exchange(guest: PairingGuest, connection: Connection): Promise<Key> {
  const share = toBase64(guest.share);
  await connection.write(encodeControl({ type: "pair", version: PROTOCOL_VERSION, share }));
  const theirs = await read("pair", connection);
  const confirmation = guest.confirm(fromBase64(theirs.share));
  if (confirmation === undefined) throw new CamcatError("it sent no share of a key exchange");
  const confirm = { type: "confirm", confirmation: toBase64(confirmation) } as const;
  await connection.write(encodeControl(confirm));
  const answer = await read("key", connection);
  const key = guest.open(fromBase64(answer.confirmation), fromBase64(answer.sealed));
  if (key === undefined) {
    throw new CamcatError(
      "whoever answered does not know the code. Somebody may be in between: check the address",
    );
  }
  return Key.of(key);
}

/** Reads a message of that type. */
async function read<T extends Control["type"]>(
  type: T,
  connection: Connection,
): Promise<Extract<Control, { type: T }>> {
  const message = await readControl(connection);
  if (message?.type === type) return message as Extract<Control, { type: T }>;
  if (message?.type !== "bye") throw new CamcatError("the program there is not camcat");
  const reason = `it says: ${message.reason}`;
  throw new KeyError("needed", reason, { tries: message.tries });
}
