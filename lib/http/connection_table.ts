/**
 * Limits on the connections over HTTP that are not viewers.
 *
 * @module
 */

import { oldestOfBusiest } from "../security/fair_share.ts";

/** Connections at the same time. */
const MAX_CONNECTIONS = 256;
/** Connections of one address at the same time. */
const MAX_PER_ADDRESS = 128;
/** Closed connections that still hold a descriptor, because a write to them is pending. */
const MAX_LINGERING = 256;

/** A connection in a {@linkcode ConnectionTable}. */
export interface TableEntry {
  /** The address it came from. */
  readonly from: string;
  /** Closes the connection. */
  readonly close: () => void;
  /** Whether it has shown the key: it is not closed to make room. */
  isTrusted: boolean;
}

/**
 * The open connections that are not viewers, in the order of their arrival. One too many does not
 * keep newcomers out: it closes the oldest without the key, of the address with most of these.
 */
export class ConnectionTable {
  #entries = new Set<TableEntry>();
  #lingering = new Set<TableEntry>();

  /** The number of connections. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds a connection. @returns undefined if there is no room for it */
  add(from: string, close: () => void): TableEntry | undefined {
    const ofAddress = [...this.#entries].filter((entry) => entry.from === from);
    const isFull = this.#entries.size >= MAX_CONNECTIONS;
    if (this.#lingering.size >= MAX_LINGERING) return undefined;
    if (isFull || ofAddress.length >= MAX_PER_ADDRESS) {
      const victim = oldestStranger(isFull ? this.#entries : ofAddress);
      if (victim === undefined) return undefined;
      this.shed(victim);
    }
    const entry = { from, close, isTrusted: false };
    this.#entries.add(entry);
    return entry;
  }

  /** Removes a connection, which has become a viewer or was closed. */
  remove(entry: TableEntry): void {
    this.#entries.delete(entry);
    this.#lingering.delete(entry);
  }

  /** Closes the oldest stranger of the busiest address. @returns whether there was one */
  giveUpOne(): boolean {
    const victim = oldestStranger(this.#entries);
    if (victim !== undefined) this.shed(victim);
    return victim !== undefined;
  }

  /** Closes a connection. Until it is removed, it counts as one that may still hold a descriptor. */
  shed(entry: TableEntry): void {
    this.#entries.delete(entry);
    this.#lingering.add(entry);
    entry.close();
  }
}

/** The oldest connection without the key, of the address with most of these. */
function oldestStranger(entries: Iterable<TableEntry>): TableEntry | undefined {
  return oldestOfBusiest([...entries].filter(({ isTrusted }) => !isTrusted));
}
