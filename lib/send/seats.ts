/**
 * The seats of a hub: how many viewers it serves, and who makes room for a newcomer.
 *
 * @module
 */

import { oldestOfBusiest } from "../security/fair_share.ts";
import type { Connection } from "../protocol/connection.ts";
import type { FrameSink } from "./frame_sink.ts";
import { Viewer } from "./viewer.ts";
import type { ViewerEvents } from "./viewer_options.ts";

/** A viewer without a sign of life for this long gives its seat to a newcomer. */
const SILENT_SECONDS = 3;
/** Former viewers whose connections may still hold a descriptor, besides the seats. */
const MAX_LINGERING = 64;
/** Peers without a seat that may wait at once until they are told so. */
const MAX_REFUSED = 64;
/** Seats that one address may keep in any case. */
const FREE_SEATS = 4;

/** A taken seat. */
interface Seat {
  viewer: FrameSink;
  /** The viewer's address; empty if it has proven the key. */
  from: string;
}

/** Counts viewers, and decides which one gives way when all seats are taken. */
export class Seats {
  /** The number of seats. */
  readonly max: number;
  /** In the order of arrival. */
  #seats = new Map<FrameSink, Seat>();
  #lingering = new Set<FrameSink>();
  #refused = 0;

  /** Makes this many seats. */
  constructor(max: number) {
    this.max = max;
  }

  /** Whether a seat is free. */
  get hasRoom(): boolean {
    return this.#seats.size < this.max;
  }

  /** Gives a seat to a viewer. @param from its address; empty if it has proven the key */
  take(viewer: FrameSink, from: string): void {
    this.#seats.set(viewer, { viewer, from });
  }

  /** Frees the seat of a viewer that has disconnected, as long as not too many of them linger. */
  leave(viewer: FrameSink): void {
    if (this.#lingering.size < MAX_LINGERING && this.#seats.delete(viewer)) {
      this.#lingering.add(viewer);
    }
  }

  /** Frees what is left of a viewer: its connection holds no descriptor any more. */
  free(viewer: FrameSink): void {
    this.#seats.delete(viewer);
    this.#lingering.delete(viewer);
  }

  /**
   * Makes room for a newcomer. The viewer that has been silent longest, for 3 s at least, gives
   * way; without a key, otherwise one of an address that holds more than half of the seats.
   *
   * @param from the newcomer's address; empty if it has proven the key
   * @returns whether there is room
   */
  makeRoom(from: string): boolean {
    if (this.hasRoom) return true;
    if (this.#lingering.size >= MAX_LINGERING) return false;
    const viewer = this.#mostSilent() ?? this.#greediest(from);
    if (viewer === undefined) return false;
    this.leave(viewer);
    viewer.leave("a new viewer took its place", 0);
    return true;
  }

  /** Tells a peer that there is no seat for it, and disconnects it. Never throws. */
  async refuse(connection: Connection, events: ViewerEvents): Promise<void> {
    if (this.#refused >= MAX_REFUSED) return connection.close();
    this.#refused++;
    const refusal = `no room for another viewer: ${this.max} are watching`;
    await new Viewer(connection, events, { refusal }).run();
    this.#refused--;
  }

  #mostSilent(): FrameSink | undefined {
    let most: FrameSink | undefined;
    for (const viewer of this.#seats.keys()) {
      if (viewer.silentSeconds > (most?.silentSeconds ?? SILENT_SECONDS - 1)) most = viewer;
    }
    return most;
  }

  #greediest(from: string): FrameSink | undefined {
    if (from === "") return undefined;
    const seats = [...this.#seats.values()].filter((seat) => seat.from !== "");
    const greediest = oldestOfBusiest(seats);
    if (greediest === undefined || greediest.from === from) return undefined;
    const count = seats.filter((seat) => seat.from === greediest.from).length;
    return count > Math.max(FREE_SEATS, this.max / 2) ? greediest.viewer : undefined;
  }
}
