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
import { Frame, MAX_FRAME_BYTES } from "./frame.ts";

/** How long a sender may take to answer. */
const ANSWER_MS = 5000;

/**
 * Asks a sender for the names of its cameras, the first one first.
 *
 * @throws {CamcatError} if it cannot be reached, or does not tell
 */
export async function camerasOf(address: Address, options: ConnectOptions): Promise<string[]> {
  const { signal } = options;
  const connection = await connect(address, options);
  let whyGivenUp: string | undefined;
  const giveUp = (reason: string) => {
    whyGivenUp ??= reason;
    closeQuietly(connection);
  };
  const stop = () => giveUp("stopped");
  const timer = setTimeout(() => giveUp(`no answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    await connection.write(encodeControl({ type: "list", version: PROTOCOL_VERSION }));
    // Who asks late is sent pictures first.
    const reader = new MessageReader({ maxFrameBytes: MAX_FRAME_BYTES });
    for (let count; (count = await connection.read(reader.space())) !== null;) {
      for (const message of reader.commit(count)) {
        if (message instanceof Frame) continue;
        if (message.type === "cameras") return message.cameras;
        if (message.type !== "bye") continue;
        throw message.key === "needed"
          ? new KeyError("needed", "Cannot list the cameras without the sender's key")
          : new CamcatError(`Cannot list the cameras. The sender says: ${message.reason}`);
      }
    }
    throw new CamcatError("Cannot list the cameras: the sender closed the connection");
  } catch (cause) {
    if (cause instanceof CamcatError) throw cause;
    throw new CamcatError(`Cannot list the cameras: ${whyGivenUp ?? messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    closeQuietly(connection);
  }
}
