/**
 * A WebSocket as a connection for the protocol.
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";

/** Received bytes that may wait to be read; a browser sends little. */
const MAX_UNREAD_BYTES = 64 * 1024;
/** Bytes that may wait in Deno to be sent; acknowledgements keep them far below. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** How often to check how many wait: there is no event for it. */
const LOOK_MS = 10;

/**
 * The protocol's bytes over a WebSocket. Each write is one message to the browser, so that it holds
 * whole messages of the protocol; messages from the browser are read as a byte stream.
 */
export class SocketConnection implements Connection {
  /** Resolves with the first bytes, or at the end: the hello of a distant browser takes a while. */
  readonly opened: Promise<void>;

  #socket: WebSocket;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** Uses `socket`, which need not be open yet. */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    const wake = () => {
      resolve();
      this.#wake?.();
    };
    socket.onmessage = ({ data }) => {
      if (!(data instanceof ArrayBuffer) || this.#hasEnded) return this.close();
      this.#unread.push(new Uint8Array(data));
      this.#unreadBytes += data.byteLength;
      if (this.#unreadBytes > MAX_UNREAD_BYTES) this.close();
      wake();
    };
    socket.onerror = socket.onclose = () => {
      this.#hasEnded = true;
      wake();
    };
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#unread.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const [first] = this.#unread;
    if (first === undefined) return null;
    const part = first.subarray(0, into.length);
    into.set(part);
    if (part.length === first.length) this.#unread.shift();
    else this.#unread[0] = first.subarray(part.length);
    this.#unreadBytes -= part.length;
    return part.length;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    this.#socket.send(bytes); // copies them, and throws when it is closed
    while (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES && !this.#hasEnded) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return bytes.length;
  }

  close(): void {
    this.#hasEnded = true;
    this.#unread = [];
    this.#wake?.();
    this.#socket.close();
  }
}
