/**
 * Several cameras of one sender, and which of them a viewer wants.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { encodeControl, MessageReader } from "../protocol/codec.ts";
import { closeQuietly, type Connection, isEncrypted } from "../protocol/connection.ts";
import { type Control, MAX_CONTROL_BYTES } from "../protocol/control.ts";
import { Frame } from "../jpeg/frame.ts";
import type { Hub } from "./hub.ts";

/** How long a new peer may take to begin to say which camera it wants; it gets the first then. */
const GRACE_MS = 250;
/** The same behind a handshake, which programs of ours only make: round trips may be long. */
const ENCRYPTED_GRACE_MS = 5000;
/** How long it may take from its first byte to its last. */
const MESSAGE_MS = 10_000;
/** Bytes of it read at once. */
const CHUNK_BYTES = 512;
/** Who has said more than a hello can be long has something else to say. */
const MAX_AHEAD_BYTES = 4 + MAX_CONTROL_BYTES;
/** Peers that may be saying it at the same time. */
const MAX_ASKING = 128;

/** Anything that takes connections over and serves them, as a {@linkcode Hub} does. */
export interface Host {
  /** Serves a viewer until it has gone. Never throws. */
  serve(connection: Connection, peer: string): Promise<void>;
}

/** Gives every viewer to the hub of the camera that it names, or else to the first. */
export class CameraRouter implements Host {
  /** The cameras, the first one first. */
  readonly hubs: readonly Hub[];
  #asking = 0;

  /** Has these cameras, one at least, each with a name of its own. */
  constructor(hubs: readonly Hub[]) {
    this.hubs = hubs;
  }

  /** The names of the cameras. */
  get cameras(): string[] {
    return this.hubs.map(({ name }) => name);
  }

  /** The camera of that name, or the first one without a name; undefined if there is none. */
  find(name: string | undefined): Hub | undefined {
    return name === undefined ? this.hubs[0] : this.hubs.find((hub) => hub.name === name);
  }

  /** Says that there is no camera called `name`, and which there are. */
  missing(name: string): string {
    return `There is no camera "${name}" here, but ${
      this.cameras.map((name) => `"${name}"`).join(", ")
    }`;
  }

  /** Serves a viewer until it has gone. Never throws. */
  async serve(connection: Connection, peer: string): Promise<void> {
    if (this.#asking >= MAX_ASKING) return closeQuietly(connection);
    this.#asking++;
    const opening = new Opening(connection);
    const message = await opening.message();
    this.#asking--;
    if (message?.type === "list") {
      return await lastWord(connection, { type: "cameras", cameras: this.cameras });
    }
    const wanted = message?.type === "hello" ? message.camera : undefined;
    const hub = this.find(wanted);
    if (hub !== undefined) return await hub.serve(opening, peer, { isSilent: opening.isSilent });
    await lastWord(connection, { type: "bye", reason: this.missing(wanted!) });
  }
}

async function lastWord(connection: Connection, message: Control): Promise<void> {
  const timer = setTimeout(() => closeQuietly(connection), MESSAGE_MS);
  try {
    await connection.write(encodeControl(message)); // small enough to be taken as a whole
  } catch {
    // the peer has gone
  }
  clearTimeout(timer);
  closeQuietly(connection);
}

/** A connection whose first message was read ahead: reading begins with it again. */
class Opening implements Connection {
  #connection: Connection;
  /** What was read ahead and not given out yet. */
  #ahead: Uint8Array = new Uint8Array();
  /** The read that was under way when the message was no longer waited for. */
  #reading: Promise<Uint8Array | null> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether nothing came in time. */
  get isSilent(): boolean {
    return this.#ahead.length === 0;
  }

  /** The first message; undefined if the peer says nothing in time, or nothing that makes sense. */
  async message(): Promise<Control | undefined> {
    const reader = new MessageReader({ maxFrameBytes: 0 });
    const graceMs = isEncrypted(this.#connection) ? ENCRYPTED_GRACE_MS : GRACE_MS;
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
        if (message !== undefined && !(message instanceof Frame)) return message;
      }
    } catch {
      // whoever reads what was read ahead finds out why
    }
    return undefined;
  }

  /** Some bytes, null at the end, undefined if there are none in time. */
  async #readBefore(until: number, maxBytes: number): Promise<Uint8Array | null | undefined> {
    const reading = this.#reading = this.#readChunk(maxBytes);
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise<undefined>((resolve) =>
      timer = setTimeout(() => resolve(undefined), until - performance.now())
    );
    const bytes = await Promise.race([reading, late]).finally(() => clearTimeout(timer));
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
