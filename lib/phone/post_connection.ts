/**
 * The protocol over HTTP requests, in place of a WebSocket. Safari on an iPhone loads a page although
 * its user has to accept the certificate, and refuses a WebSocket to the same server.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { within } from "../base/within.ts";
import type { Bytes } from "../jpeg/frame.ts";
import type { Connection } from "../protocol/connection.ts";

/** How long a request for bytes waits until there are some. */
const POLL_MS = 2000;
/** Bytes that may wait for such a request. A viewer says little. */
const MAX_WAITING_BYTES = 64 * 1024;

/**
 * A connection whose bytes come in the bodies of requests, one after another, and leave in responses
 * to others.
 */
export class PostConnection implements Connection {
  /** What has come and was not read yet, and who waits until it is. */
  #unread: Uint8Array = new Uint8Array();
  #onRead: (() => void) | undefined;
  #onBytes: (() => void) | undefined;
  /** What waits to leave, and who waits for it. */
  #waiting: Uint8Array[] = [];
  #onWaiting: (() => void) | undefined;
  #isClosed = false;
  /** The body that is being taken: bodies do not mix. */
  #taking: Promise<void> = Promise.resolve();

  /** Whether it has ended. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#unread.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => this.#onBytes = resolve);
    }
    if (this.#isClosed) return null;
    const part = this.#unread.subarray(0, into.length);
    into.set(part);
    this.#unread = this.#unread.subarray(part.length);
    if (this.#unread.length === 0) this.#onRead?.();
    return part.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const waits = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    if (waits + bytes.length > MAX_WAITING_BYTES) this.close(); // nobody asks for them
    if (this.#isClosed) return Promise.reject(new Error("the phone does not ask for more"));
    this.#waiting.push(bytes.slice());
    this.#onWaiting?.();
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.#isClosed = true;
    for (const wake of [this.#onBytes, this.#onRead, this.#onWaiting]) wake?.();
  }

  /** Takes the body of a request, after those of earlier ones; resolves when it has been read. */
  async take(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const before = this.#taking;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#taking = promise;
    await before;
    try {
      for await (const piece of pieces) {
        if (this.#isClosed) return;
        this.#unread = piece;
        this.#onBytes?.();
        await new Promise<void>((resolve) => this.#onRead = resolve);
      }
    } finally {
      resolve();
    }
  }

  /** What waits to leave, all whole messages; empty if nothing does for 2 s. */
  async give(): Promise<Bytes> {
    if (this.#waiting.length === 0 && !this.#isClosed) {
      await within(new Promise<void>((resolve) => this.#onWaiting = resolve), POLL_MS);
    }
    return concat(this.#waiting.splice(0));
  }
}
