/**
 * Limits on the connections over HTTP that are not viewers.
 *
 * @module
 */

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
  /** Those that have not shown the key, by address, the oldest first. */
  #strangers = new Map<string, Set<TableEntry>>();
  #trusted = new Set<TableEntry>();
  #lingering = new Set<TableEntry>();
  #size = 0;

  /** The number of connections. */
  get size(): number {
    return this.#size;
  }

  /** Adds a connection. @returns undefined if there is no room for it */
  add(from: string, close: () => void): TableEntry | undefined {
    if (this.#lingering.size >= MAX_LINGERING) return undefined;
    const neighbours = this.#strangers.get(from);
    if (neighbours !== undefined && neighbours.size >= MAX_PER_ADDRESS) {
      this.#shedOldest(neighbours);
    } else if (this.#size >= MAX_CONNECTIONS) {
      const most = this.#mostOfOneAddress();
      if (most === undefined) return undefined;
      this.#shedOldest(most);
    }
    const entry = { from, close };
    const strangers = this.#strangers.get(from);
    if (strangers === undefined) this.#strangers.set(from, new Set([entry]));
    else strangers.add(entry);
    this.#size++;
    return entry;
  }

  /** Notes that a connection has shown the key: it is not closed to make room. */
  trust(entry: TableEntry): void {
    if (this.#take(entry)) {
      this.#trusted.add(entry);
      this.#size++;
    }
  }

  /** Removes a connection, which has become a viewer or was closed. */
  remove(entry: TableEntry): void {
    this.#take(entry);
    this.#lingering.delete(entry);
  }

  /** Closes all connections that have not shown the key. @returns how many */
  shedStrangers(): number {
    const strangers = [...this.#strangers.values()].flatMap((ofAddress) => [...ofAddress]);
    for (const stranger of strangers) this.shed(stranger);
    return strangers.length;
  }

  /** Closes a connection. Until it is removed, it counts as one that may still hold a descriptor. */
  shed(entry: TableEntry): void {
    if (this.#take(entry)) this.#lingering.add(entry);
    entry.close();
  }

  #shedOldest(strangers: Set<TableEntry>): void {
    for (const oldest of strangers) return this.shed(oldest);
  }

  /** The strangers of the address that has most of them. */
  #mostOfOneAddress(): Set<TableEntry> | undefined {
    let most: Set<TableEntry> | undefined;
    for (const strangers of this.#strangers.values()) {
      if (strangers.size > (most?.size ?? 0)) most = strangers;
    }
    return most;
  }

  /** Takes a connection out. @returns whether it was in */
  #take(entry: TableEntry): boolean {
    const strangers = this.#strangers.get(entry.from);
    const wasIn = strangers?.delete(entry) || this.#trusted.delete(entry);
    if (strangers?.size === 0) this.#strangers.delete(entry.from);
    if (wasIn) this.#size--;
    return wasIn;
  }
}
