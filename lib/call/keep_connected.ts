/**
 * Connecting again and again, as long as a call lasts.
 *
 * @module
 */

import { Backoff } from "../base/backoff.ts";
import type { Connection } from "../protocol/connection.ts";
import { isOfNetwork } from "./network_errors.ts";

/** A connection that lasts for less does not make the next one come sooner. */
const STEADY_MS = 2000;

/** How to connect, and what for. */
export interface KeepingOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** Connects once. */
  connect: () => Promise<Connection>;
  /** Uses a connection until it ends. */
  use: (connection: Connection) => Promise<void>;
  /** Waits for so many milliseconds, or less if another attempt makes sense earlier. */
  pause: (ms: number) => Promise<void>;
  /** Called with why an attempt, or a connection, has failed. */
  onFailure: (reason: string) => void;
  /** Called before an error is thrown that is not the network's. */
  onBug: () => void;
}

/** Connects, and again whenever that connection has ended, until `signal` is aborted. */
export async function keepConnected(options: KeepingOptions): Promise<void> {
  const { signal, connect, use, pause, onFailure, onBug } = options;
  const backoff = new Backoff();
  while (!signal.aborted) {
    const since = performance.now();
    try {
      await use(await connect());
    } catch (error) {
      if (!isOfNetwork(error)) {
        onBug();
        throw error;
      }
      if (!signal.aborted) onFailure(error.message);
    }
    if (signal.aborted) return;
    if (performance.now() - since > STEADY_MS) backoff.reset();
    await pause(backoff.nextMs());
  }
}
