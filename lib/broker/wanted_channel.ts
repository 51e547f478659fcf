/**
 * Being subscribed to a channel of the broker while it is wanted.
 *
 * @module
 */

import { onAbort, wait } from "../base/abort.ts";
import { within } from "../base/within.ts";
import type { Connection } from "../redis/connection.ts";

/** How often the broker is asked how much waits for us. */
const CHECK_MS = 250;
/** What waits longer at the broker is skipped. */
const LATE_MS = 400;

/** How a channel is used. */
export interface WantedChannelOptions {
  /** Takes what is published. Returns at once. */
  take: (bytes: Uint8Array) => void;
  /** Whether what waits at the broker for a slow link is skipped. @default {false} */
  skipsLate?: boolean;
}

/** A channel that is subscribed to while it is wanted, on one connection after the other. */
export class WantedChannel {
  #name: string;
  #options: WantedChannelOptions;
  #isWanted = false;
  #changed = Promise.withResolvers<void>();

  /** Begins unwanted. */
  constructor(name: string, options: WantedChannelOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** Whether it is wanted. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  set isWanted(isWanted: boolean) {
    this.#isWanted = isWanted;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Subscribes and unsubscribes until `ended` is aborted. @throws {CamcatError} if that fails */
  async follow(connection: Connection, ended: AbortSignal): Promise<void> {
    const { take, skipsLate = false } = this.#options;
    const end = new Promise<void>((resolve) => onAbort(ended, resolve));
    while (!ended.aborted) {
      if (!this.#isWanted) {
        await Promise.race([this.#changed.promise, end]);
        continue;
      }
      await connection.subscribe(this.#name, take);
      while (this.#isWanted && !ended.aborted) {
        if (skipsLate && await isLate(connection)) {
          // What waits at the broker for a slow link is old: it is thrown away, not shown.
          await connection.unsubscribe(this.#name);
          await connection.subscribe(this.#name, take);
        }
        await wait(CHECK_MS, ended);
      }
      if (!ended.aborted) await connection.unsubscribe(this.#name);
    }
  }
}

/** Whether an answer of the broker takes long: it waits behind everything that waits for us. */
async function isLate(connection: Connection): Promise<boolean> {
  return await within(connection.command("PING"), LATE_MS) === undefined;
}
