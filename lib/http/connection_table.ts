/**
 * Limits on the connections over HTTP that are not viewers.
 *
 * @module
 */

import { oldestOfBusiest } from "../security/fair_share.ts";

/** Connections at the same time. */
const MAX_CONNECTIONS = 256;
/** Connections of one address at the same time that have not shown the key. */
const MAX_PER_ADDRESS = 128;
/** Closed connections that still hold a descriptor, because a write to them is pending. */
const MAX_LINGERING = 256;

/** A connection in a {@linkcode ConnectionTable}. */
export interface TableEntry {
  /** The address it came from. */
  readonly from: string;
  /** Closes the connection. */
  readonly close: () => void;
}

/**
 * The open connections that are not viewers. One too many does not keep newcomers out: it closes
 * the oldest without the key, of the address with most of these.
 */
export class ConnectionTable {
  /** Those that have not shown the key, the oldest first. */
  #strangers = new Set<TableEntry>();
  #trusted = new Set<TableEntry>();
  #lingering = new Set<TableEntry>();

  /** The number of connections. */
  get size(): number {
    return this.#strangers.size + this.#trusted.size;
  }

  /** Adds a connection. @returns undefined if there is no room for it */
  add(from: string, close: () => void): TableEntry | undefined {
    if (this.#lingering.size >= MAX_LINGERING) return undefined;
    const [oldest, count] = this.#neighbours(from);
    if (oldest !== undefined && count >= MAX_PER_ADDRESS) this.shed(oldest);
    else if (this.size >= MAX_CONNECTIONS && !this.giveUpOne()) return undefined;
    const entry = { from, close };
    this.#strangers.add(entry);
    return entry;
  }

  /** Notes that a connection has shown the key: it is not closed to make room. */
  trust(entry: TableEntry): void {
    if (this.#strangers.delete(entry)) this.#trusted.add(entry);
  }

  /** Removes a connection, which has become a viewer or was closed. */
  remove(entry: TableEntry): void {
    for (const entries of [this.#strangers, this.#trusted, this.#lingering]) entries.delete(entry);
  }

  /** Closes the oldest stranger of the busiest address. @returns whether there was one */
  giveUpOne(): boolean {
    const victim = oldestOfBusiest(this.#strangers);
    if (victim !== undefined) this.shed(victim);
    return victim !== undefined;
  }

  /** Closes a connection. Until it is removed, it counts as one that may still hold a descriptor. */
  shed(entry: TableEntry): void {
    this.remove(entry);
    this.#lingering.add(entry);
    entry.close();
  }

  /** The oldest stranger of an address, and how many there are. */
  #neighbours(from: string): [oldest: TableEntry | undefined, count: number] {
    let [oldest, count]: [TableEntry | undefined, number] = [undefined, 0];
    for (const entry of this.#strangers) {
      if (entry.from !== from) continue;
      oldest ??= entry;
      count++;
    }
    return [oldest, count];
  }
}
