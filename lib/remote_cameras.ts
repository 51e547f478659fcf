/**
 * Which cameras a sender has.
 *
 * @module
 */

import type { Address } from "./address.ts";
import { encodeControl, MessageReader } from "./codec.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { closeQuietly } from "./connection.ts";
import { PROTOCOL_VERSION } from "./control.ts";
import { CamcatError, KeyError, messageOf } from "./errors.ts";
import { Frame } from "./frame.ts";

/** How long a sender may take to answer. */
const ANSWER_MS = 5000;

/**
 * Asks a sender for the names of its cameras, the first one first.
 *
 * @throws {CamcatError} if it cannot be reached, or does not tell
 */
export async function camerasOf(address: Address, options: ConnectOptions): Promise<string[]> {
  const connection = await connect(address, options);
  const timer = setTimeout(() => closeQuietly(connection), ANSWER_MS);
  try {
    await connection.write(encodeControl({ type: "list", version: PROTOCOL_VERSION }));
    const reader = new MessageReader({ maxFrameBytes: 0 });
    for (let count; (count = await connection.read(reader.space())) !== null;) {
      for (const message of reader.commit(count)) {
        if (message instanceof Frame) continue;
        if (message.type === "cameras") return message.cameras;
        if (message.type === "bye" && message.key === "needed") {
          throw new KeyError("needed", "Cannot list the cameras without the sender's key");
        }
      }
    }
    throw new CamcatError("Cannot list the cameras: the sender closed the connection");
  } catch (cause) {
    if (cause instanceof CamcatError) throw cause;
    throw new CamcatError(`Cannot list the cameras: ${messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}
