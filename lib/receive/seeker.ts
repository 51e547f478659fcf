/**
 * Looking for a sender that is not where it was.
 *
 * @module
 */

import type { Address } from "../protocol/address.ts";
import { formatAddress } from "../protocol/address.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { dial, type DialOptions } from "../security/dial.ts";

/**
 * Tells where a sender may be now, again and again, until `signal` is aborted. Whether it is the
 * right one, the handshake decides.
 */
export type Elsewhere = (signal: AbortSignal) => AsyncIterable<Address>;

/** Addresses that are tried at the same time: one may be that of a machine that does not answer. */
const MAX_DIALS = 4;
/** An address is not tried again sooner than this. */
const RETRY_MS = 1000;

/** A connection, and where it leads. */
export interface Reached {
  /** The connection. */
  connection: Connection;
  /** Where the sender is. */
  address: Address;
}

/** Tries one address after another until one answers as the sender must, or it is disposed of. */
export class Seeker implements Disposable {
  /** Resolves when the sender is reached, or with undefined if there is nowhere to look. */
  readonly reached: Promise<Reached | undefined>;

  #stop = new AbortController();
  #options: DialOptions;
  /** When each address may be tried again; those that are being tried, never. */
  #nextAt = new Map<string, number>();
  #dials = 0;
  #resolve: (reached: Reached | undefined) => void;

  /** Begins to look. */
  constructor(elsewhere: Elsewhere, options: DialOptions) {
    ({ promise: this.reached, resolve: this.#resolve } = Promise.withResolvers<
      Reached | undefined
    >());
    const { signal } = this.#stop;
    this.#options = {
      ...options,
      signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal,
    };
    this.#seek(elsewhere(signal));
  }

  /** Ends looking. A connection that comes too late is closed. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #seek(addresses: AsyncIterable<Address>): Promise<void> {
    let isAnywhere = false;
    for await (const address of addresses) {
      isAnywhere = true;
      const where = formatAddress(address);
      const nextAt = this.#nextAt.get(where) ?? 0;
      if (this.#dials >= MAX_DIALS || performance.now() < nextAt) continue;
      this.#dials++;
      this.#nextAt.set(where, Infinity);
      this.#try(address).then(() => {
        this.#dials--;
        this.#nextAt.set(where, performance.now() + RETRY_MS);
      });
    }
    if (!isAnywhere) this.#resolve(undefined);
  }

  async #try(address: Address): Promise<void> {
    try {
      const connection = await dial(address, this.#options);
      if (this.#stop.signal.aborted) closeQuietly(connection);
      else this.#resolve({ connection, address });
      this.#stop.abort();
    } catch {
      // It is not there, or it is another one. The reason that counts is that of the known address.
    }
  }
}
