/**
 * Routes each viewer to the camera that it asks for.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { encodeControl, isControl, MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection, isEncrypted } from "../protocol/connection.ts";
import { type Control, MAX_CONTROL_BYTES } from "../protocol/control.ts";
import { within } from "../base/within.ts";
import { addressOfPeer, oldestOfBusiest } from "../security/fair_share.ts";
import type { Hub } from "./hub.ts";

/** How long a new peer may take to begin its first message; after that it is a raw client. */
const GRACE_MS = 250;
/** The same with several cameras: a busy viewer that is late must not get the first one instead. */
const SEVERAL_GRACE_MS = 1000;
/** The same on an encrypted connection, which only camcat programs make: round trips may be long. */
const ENCRYPTED_GRACE_MS = 5000;
/** How long the message may take from first to last byte. */
const MESSAGE_MS = 10_000;
/** Bytes read at once. */
const CHUNK_BYTES = 512;
/** The longest hello. A peer that sends more without completing a message sent something else. */
const MAX_AHEAD_BYTES = 4 + MAX_CONTROL_BYTES;
/** Peers that may be sending their first message at the same time. */
const MAX_ASKING = 128;

/** Serves connections, such as a {@linkcode Hub} does. */
export interface ViewerHost {
  /** Serves a viewer until it disconnects. Never throws. */
  serve(connection: Connection, peer: string): Promise<void>;
}

/** Serves a viewer with the key that asks for a code for somebody else. */
export type OnInvite = (connection: Connection, peer: string) => Promise<void>;

/** Gives each viewer to the hub of the camera that it names, or else to the first hub. */
export class CameraRouter implements ViewerHost {
  #hubs: Hub[];
  /** In the order of arrival. */
  #asking = new Set<{ from: string; opening: Opening }>();
  #onInvite: OnInvite | undefined;

  /** Routes to these hubs: at least one, each with a different name. */
  constructor(hubs: readonly Hub[], onInvite?: OnInvite) {
    this.#hubs = [...hubs];
    this.#onInvite = onInvite;
  }

  /** The hubs, in the order of the cameras. */
  get hubs(): readonly Hub[] {
    return this.#hubs;
  }

  /** Adds a hub, whose name is none of the others'. */
  add(hub: Hub): void {
    this.#hubs.push(hub);
  }

  /** The names of the cameras. */
  get cameras(): string[] {
    return this.hubs.map(({ name }) => name);
  }

  /** The hub with that name, or without a name the first; undefined if there is none. */
  find(name: string | undefined): Hub | undefined {
    return name === undefined ? this.hubs[0] : this.hubs.find((hub) => hub.name === name);
  }

  /** A sentence: there is no camera called `name`, and which there are. */
  missing(name: string): string {
    return `There is no camera "${name}" here, but ${
      this.cameras.map((name) => `"${name}"`).join(", ")
    }`;
  }

  /** Serves a viewer until it disconnects. Never throws. */
  async serve(connection: Connection, peer: string): Promise<void> {
    if (this.#asking.size >= MAX_ASKING) this.#hurryOne();
    const opening = new Opening(connection);
    const asking = { from: addressOfPeer(peer), opening };
    this.#asking.add(asking);
    const graceMs = this.hubs.length > 1 ? SEVERAL_GRACE_MS : GRACE_MS;
    const message = await opening.message(isEncrypted(connection) ? ENCRYPTED_GRACE_MS : graceMs);
    this.#asking.delete(asking);
    if (message?.type === "list") {
      const live = this.hubs.map(({ stream }) => stream.live);
      return await sendLast(connection, { type: "cameras", cameras: this.cameras, live });
    }
    if (message?.type === "invite" && this.#onInvite && isEncrypted(connection)) {
      return await this.#onInvite(connection, peer);
    }
    const name = message?.type === "hello" ? message.camera : undefined;
    const hub = this.find(name);
    if (hub !== undefined) return await hub.serve(opening, peer, { isRaw: opening.isEmpty });
    await sendLast(connection, { type: "bye", reason: this.missing(name!) });
  }

  /** Ends the wait for one first message: the oldest of the address with most of them. */
  #hurryOne(): void {
    const asking = oldestOfBusiest(this.#asking)!;
    this.#asking.delete(asking);
    asking.opening.hurry();
  }
}

async function sendLast(connection: Connection, message: Control): Promise<void> {
  const timer = setTimeout(() => closeQuietly(connection), MESSAGE_MS);
  try {
    await connection.write(encodeControl(message)); // small enough to be taken as a whole
  } catch {
    // the peer has disconnected
  }
  clearTimeout(timer);
  closeQuietly(connection);
}

/** A connection whose first message was read ahead. Reading it returns that message again. */
class Opening implements Connection {
  #connection: Connection;
  /** Bytes read ahead and not returned yet. */
  #ahead: Uint8Array = new Uint8Array();
  /** The read that was pending when the wait for the message ended. */
  #reading: Promise<Uint8Array | null> | undefined;
  #hurried = Promise.withResolvers<undefined>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Ends the wait for the first message now. */
  hurry(): void {
    this.#hurried.resolve(undefined);
  }

  /** Whether no byte arrived in time. */
  get isEmpty(): boolean {
    return this.#ahead.length === 0;
  }

  /** The first message; undefined if none arrives in time, or the bytes are no message. */
  async message(graceMs: number): Promise<Control | undefined> {
    const reader = new MessageReader({ maxFrameBytes: 0 });
    let until = performance.now() + graceMs;
    try {
      while (this.#ahead.length < MAX_AHEAD_BYTES) {
        const room = Math.min(CHUNK_BYTES, reader.space().length);
        const bytes = await this.#readBefore(until, room);
        if (bytes === undefined || bytes === null) return undefined;
        if (this.#ahead.length === 0) until = performance.now() + MESSAGE_MS;
        this.#ahead = concat([this.#ahead, bytes]);
        reader.space().set(bytes);
        const [message] = reader.commit(bytes.length);
        if (isControl(message)) return message;
      }
    } catch {
      // the viewer reads the same bytes, and reports what is wrong with them
    }
    return undefined;
  }

  /** Some bytes; null at the end, undefined if none arrive in time. */
  async #readBefore(until: number, maxBytes: number): Promise<Uint8Array | null | undefined> {
    const reading = this.#reading = this.#readChunk(maxBytes);
    const early = Promise.race([reading, this.#hurried.promise]);
    const bytes = await within(early, until - performance.now());
    if (bytes !== undefined) this.#reading = undefined;
    return bytes;
  }

  async #readChunk(maxBytes: number): Promise<Uint8Array | null> {
    const chunk = new Uint8Array(maxBytes);
    const count = await this.#connection.read(chunk);
    return count === null ? null : chunk.subarray(0, count);
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#ahead.length === 0) {
      if (this.#reading === undefined) return await this.#connection.read(into);
      const bytes = await this.#reading;
      this.#reading = undefined;
      if (bytes === null) return null;
      this.#ahead = bytes;
    }
    const part = this.#ahead.subarray(0, into.length);
    into.set(part);
    this.#ahead = this.#ahead.subarray(part.length);
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#connection.write(bytes);
  }

  close(): void {
    this.#connection.close();
  }
}
