/**
 * What one end sends to the broker: sealed, and in order.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";
import type { Connection } from "../redis/connection.ts";
import type { Kind } from "./message.ts";
import { type Role, Sealer, type SealOptions } from "./seal.ts";

/** Seals messages, and publishes them in the order of their counters. */
export class Outbox {
  /** The connection to use, while there is one. */
  connection: Connection | undefined;

  #sealer: Sealer;
  /** Resolves when the message before has gone to the connection. */
  #turn: Promise<void> = Promise.resolve();

  /** Begins an epoch. */
  constructor(role: Role, options: SealOptions) {
    this.#sealer = new Sealer(role, options);
  }

  /** What tells this start of this end from all others, as hex. */
  get epoch(): string {
    return this.#sealer.epoch.toHex();
  }

  /** The counter of the last message. */
  get counter(): number {
    return this.#sealer.counter;
  }

  /**
   * Publishes a message. {@linkcode Outbox.counter} is its counter as soon as this is called.
   *
   * @returns the number of subscribers, when the broker has taken it
   * @throws {CamcatError} if it cannot be published
   */
  async send(kind: Kind, channel: string, body: Bytes): Promise<number> {
    const { connection } = this;
    const sealed = this.#sealer.seal(kind, body);
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await before;
      const message = await sealed;
      if (connection === undefined) {
        throw new CamcatError("Cannot publish: the broker is not connected");
      }
      const published = connection.publish(channel, message);
      resolve(); // the next message may follow before the reply
      return await published;
    } finally {
      resolve();
    }
  }
}
