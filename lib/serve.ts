/**
 * Getting viewers: by listening for them, or by connecting to one.
 *
 * @module
 */

import { type Address, formatAddress } from "./address.ts";
import { Backoff, wait } from "./backoff.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { CamcatError, KeyError } from "./errors.ts";
import { accept, type AcceptOptions } from "./listen.ts";
import type { Host } from "./studio.ts";

/** Serves all who connect, until `signal` is aborted. */
export async function serve(
  host: Host,
  listener: Deno.TcpListener,
  options: AcceptOptions,
): Promise<void> {
  await accept(listener, options, (connection, peer) => host.serve(connection, peer));
}

/** Options of {@linkcode push}. */
export interface PushOptions extends ConnectOptions {
  /** Stops it. */
  signal: AbortSignal;
  /** Called when a connection stands. */
  onConnected?: () => void;
  /** Called when an attempt to connect has failed. */
  onFailed?: (reason: string) => void;
}

/**
 * Connects to a receiver that listens, and again whenever that connection ends.
 *
 * @throws {KeyError} if the very first attempt shows that our key and the receiver's
 * do not go together
 */
export async function push(
  host: Host,
  address: Address,
  options: PushOptions,
): Promise<void> {
  const { signal, onConnected, onFailed } = options;
  const backoff = new Backoff();
  let everConnected = false;
  while (!signal.aborted) {
    try {
      const connection = await connect(address, options);
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
