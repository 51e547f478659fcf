/**
 * Listing the cameras of a sender.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import type { Address } from "../protocol/address.ts";
import { encodeControl, MessageReader } from "../protocol/codec.ts";
import { dial, type DialOptions } from "../security/dial.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { type Cameras, PROTOCOL_VERSION } from "../protocol/control.ts";
import { CamcatError, KeyError, messageOf } from "../base/errors.ts";
import { Frame, MAX_FRAME_BYTES } from "../jpeg/frame.ts";
import { Reaching, type ReachingOptions } from "./reaching.ts";

/** How long a sender may take to answer, in milliseconds. */
const ANSWER_MS = 5000;

/**
 * Asks a sender which cameras it has, the first one first.
 *
 * @throws {CamcatError} if the sender cannot be reached, or does not answer within 5 s
 */
export async function camerasOf(address: Address, options: DialOptions): Promise<Cameras> {
  return await ask(await dial(address, options), options.signal);
}

async function ask(connection: Connection, signal: AbortSignal | undefined): Promise<Cameras> {
  let whyGivenUp: string | undefined;
  const giveUp = (reason: string) => {
    whyGivenUp ??= reason;
    closeQuietly(connection);
  };
  const timer = setTimeout(() => giveUp(`no answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);
  using _ = onAbort(signal, () => giveUp("stopped"));
  try {
    await connection.write(encodeControl({ type: "list", version: PROTOCOL_VERSION }));
    // A sender that has waited for the first message already sends pictures.
    const reader = new MessageReader({ maxFrameBytes: MAX_FRAME_BYTES });
    for (let count; (count = await connection.read(reader.space())) !== null;) {
      for (const message of reader.commit(count)) {
        if (message instanceof Frame) continue;
        if (message.type === "cameras") return message;
        if (message.type !== "bye") continue;
        throw message.key === "needed"
          ? new KeyError("needed", "Cannot list the cameras without the sender's key", message)
          : new CamcatError(`Cannot list the cameras. The sender says: ${message.reason}`);
      }
    }
    throw new CamcatError("Cannot list the cameras: the sender closed the connection");
  } catch (cause) {
    if (cause instanceof CamcatError) throw cause;
    throw new CamcatError(`Cannot list the cameras: ${whyGivenUp ?? messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
    closeQuietly(connection);
  }
}

/** Options of {@linkcode askForCameras}. */
export interface AskOptions extends ReachingOptions {
  /** Called with the reason before a further attempt. @default there is one attempt */
  onFailure?: ((reason: string) => void) | undefined;
}

/**
 * Asks a sender for the names of its cameras, as often as it takes, and wherever it is.
 *
 * @throws {KeyError} if our key and the sender's do not match
 * @throws {CamcatError} if the only attempt fails, or `signal` is aborted
 */
export async function askForCameras(address: Address, options: AskOptions): Promise<string[]> {
  const { signal, onFailure } = options;
  const isLast = (error: unknown) => error instanceof KeyError || onFailure === undefined;
  using reaching = new Reaching(address, options);
  for (const backoff = new Backoff();; await reaching.wait(backoff.nextMs())) {
    try {
      const { connection } = await reaching.reach(isLast);
      return (await ask(connection, signal)).cameras;
    } catch (error) {
      if (!(error instanceof CamcatError) || isLast(error) || signal.aborted) throw error;
      onFailure?.(error.message);
    }
  }
}
