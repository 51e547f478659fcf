/**
 * One phone at a time.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { within } from "../base/within.ts";
import { writeAll } from "../program/write_all.ts";
import { encodeControl } from "../protocol/codec.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";

/** What a phone is told that another one replaces. */
const REPLACED = "another phone is the camera now";
/** How long it may take to hear that, and to close its connection. */
const BYE_MS = 500;

/** A phone that was let in. */
export class Phone {
  /** Speaks the protocol. */
  readonly connection: Connection;
  /** Resolves when it has left. */
  readonly hasLeft: Promise<void>;
  /** Takes note that its connection is not used any more. */
  readonly leave: () => void;

  /** Comes in by `connection`. */
  constructor(connection: Connection) {
    this.connection = connection;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.hasLeft = promise;
    this.leave = resolve;
  }
}

/**
 * Lets the newest phone in, and the one before out: a phone that comes back over another network
 * cannot wait until its old connection is known to be dead.
 */
export class PhoneDoor {
  #newest: Phone | undefined;
  /** The newest, until it is taken. */
  #waiting: Phone | undefined;
  #wake: (() => void) | undefined;

  /** Lets a phone in. Resolves when it has left. */
  async enter(connection: Connection): Promise<void> {
    const before = this.#newest;
    const phone = this.#newest = this.#waiting = new Phone(connection);
    this.#wake?.();
    if (before !== undefined) dismiss(before);
    await phone.hasLeft;
  }

  /** Takes the next phone; undefined when `signal` is aborted. */
  async next(signal: AbortSignal): Promise<Phone | undefined> {
    while (this.#waiting === undefined && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      using _ = onAbort(signal, resolve);
      await promise;
    }
    const phone = this.#waiting;
    this.#waiting = undefined;
    if (!signal.aborted) return phone;
    phone?.leave();
    return undefined;
  }

  /** Whether a phone has been replaced by another. */
  hasReplaced(phone: Phone): boolean {
    return this.#newest !== phone;
  }
}

/** Says to a phone why it is not the camera any more; it closes its connection, or we do. */
async function dismiss({ connection, hasLeft, leave }: Phone): Promise<void> {
  const bye = encodeControl({ type: "bye", reason: REPLACED });
  const said = writeAll(connection, bye).catch(() => {}); // it may have gone
  await within(said.then(() => hasLeft), BYE_MS);
  closeQuietly(connection);
  leave();
}
