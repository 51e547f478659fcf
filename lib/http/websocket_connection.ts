/**
 * A viewer in a browser: the protocol over a WebSocket.
 *
 * @module
 */

import type { Connection } from "../protocol/connection.ts";

/** Bytes that a browser may say before they are read: it has little to say. */
const MAX_UNREAD_BYTES = 64 * 1024;
/** Bytes that Deno may hold to be sent; acknowledgements keep it far below. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** How often to look whether they have become fewer: nothing tells. */
const LOOK_MS = 10;

/**
 * A WebSocket as a connection. Every message to the browser is one whole write, and
 * so ends where a message of the protocol ends; its own are bytes like any others.
 */
export class SocketConnection implements Connection {
  /** Resolves with the first bytes, or the end: a distant browser takes a while for its hello. */
  readonly heard: Promise<void>;

  #socket: WebSocket;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  /** Takes a socket over, which may not be open yet. */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const { promise, resolve } = Promise.withResolvers<void>();
    this.heard = promise;
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
