/**
 * Asking a running sender for a code, and showing it elsewhere: a sender that runs as a service has
 * no terminal.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { CamcatError } from "../base/errors.ts";
import type { Address } from "../protocol/address.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { type Control, PROTOCOL_VERSION } from "../protocol/control.ts";
import type { Code, PairingNews } from "../protocol/pairing_messages.ts";
import { readControl } from "../protocol/read_control.ts";
import { dial } from "../security/dial.ts";
import type { Handshake } from "../security/handshake.ts";
import type { PairingDesk } from "./desk.ts";
import type { PairingEvent } from "./pairing.ts";

/**
 * Gives a code to a viewer that has the key and asked for one, and tells it what becomes of it. The
 * code is not valid any more when the viewer disconnects.
 */
export async function serveInvitation(
  desk: PairingDesk,
  connection: Connection,
  onEvent: (event: PairingEvent) => void,
): Promise<void> {
  let written: Promise<unknown> = Promise.resolve();
  const say = (message: Control) =>
    written = written.then(() => connection.write(encodeControl(message))).catch(() => {});
  const pairing = await desk.open((event) => {
    onEvent(event);
    say({ type: "pairing", ...event });
  });
  const { code, secondsLeft: seconds, tries } = pairing;
  say({ type: "code", code, seconds, tries });
  const gone = readControl(connection).catch(() => {}); // it says nothing more
  await Promise.race([pairing.ended, gone]);
  pairing.close();
  await Promise.race([written, gone]);
  closeQuietly(connection);
}

/**
 * Asks the sender at an address to make a code: first the code, then what becomes of it.
 *
 * @param handshake proves that we have the sender's key
 * @throws {KeyError} if we do not have it
 * @throws {CamcatError} if no sender can be reached there, or it ends before the code does
 */
export async function* invite(
  address: Address,
  handshake: Handshake,
  signal: AbortSignal,
): AsyncGenerator<Code | PairingNews, void, void> {
  const connection = await dial(address, { signal, handshake });
  using _ = onAbort(signal, () => closeQuietly(connection));
  try {
    await connection.write(encodeControl({ type: "invite", version: PROTOCOL_VERSION }));
    for (let state = "wrong"; state === "wrong";) {
      const message = await readControl(connection);
      if (message?.type !== "code" && message?.type !== "pairing") {
        throw new CamcatError(
          "Cannot pair: the running sender is too old for that. Stop it, and run `sender --pair`",
        );
      }
      yield message;
      if (message.type === "pairing") state = message.state;
    }
  } catch (cause) {
    if (signal.aborted) return;
    if (cause instanceof CamcatError && cause.message.startsWith("Cannot")) throw cause;
    throw new CamcatError("Cannot pair: the sender has stopped", { cause });
  } finally {
    closeQuietly(connection);
  }
}
