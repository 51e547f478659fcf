/**
 * Serves a receiver that listens: the sender connects.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { wait } from "../base/abort.ts";
import { Backoff } from "../base/backoff.ts";
import { dial, type DialOptions } from "../security/dial.ts";
import { CamcatError, KeyError } from "../base/errors.ts";
import type { ViewerHost } from "./camera_router.ts";

/** Options of {@linkcode push}. */
export interface PushOptions extends DialOptions {
  /** Stops it. */
  signal: AbortSignal;
  /** Called when a connection is established. */
  onConnected?: () => void;
  /** Called when an attempt to connect has failed. */
  onFailed?: (reason: string) => void;
}

/**
 * Connects to a receiver that listens, and reconnects whenever that connection ends.
 *
 * @throws {KeyError} if the first attempt shows that our key and the receiver's do not match
 */
export async function push(
  host: ViewerHost,
  address: Address,
  options: PushOptions,
): Promise<void> {
  const { signal, onConnected, onFailed } = options;
  const backoff = new Backoff();
  let everConnected = false;
  while (!signal.aborted) {
    try {
      const connection = await dial(address, options);
      everConnected = true;
      onConnected?.();
      const since = performance.now();
      await host.serve(connection, formatAddress(address));
      if (performance.now() - since > 5000) backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CamcatError)) throw error;
      if (error instanceof KeyError && !everConnected) throw error;
      onFailed?.(error.message);
    }
    await wait(backoff.nextMs(), signal);
  }
}
