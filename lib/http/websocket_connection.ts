/**
 * A WebSocket as a connection for the protocol.
 *
 * @module
 */

import { wait } from "../base/abort.ts";
import { closeQuietly, type Connection } from "../protocol/connection.ts";
import { MAX_CONTROL_BYTES } from "../protocol/control.ts";
import { writeAll } from "../program/write_all.ts";
import { Joiner } from "./joiner.ts";
import {
  type CloseCode,
  closePayload,
  frameHeader,
  Opcode,
  WebSocketError,
  WebSocketReader,
} from "./websocket_frames.ts";

/** What a client may send. */
export interface WebSocketLimits {
  /** The longest message accepted, in bytes. */
  messageBytes: number;
  /** Frames and pieces of frames read each second; later ones wait. */
  perSecond: number;
}

/**
 * Limits for a page that watches: its messages are control messages of the protocol with their
 * length, one for each picture and few others.
 */
const OF_VIEWERS: WebSocketLimits = { messageBytes: 4 + MAX_CONTROL_BYTES, perSecond: 200 };

/**
 * The protocol's bytes over a WebSocket. Each write is one message to the browser, so that it holds
 * whole messages of the protocol; messages from the browser are read as a byte stream.
 */
export class WebSocketConnection implements Connection {
  #connection: Connection;
  #perSecond: number;
  #reader: WebSocketReader;
  /** Payload that was not read yet. */
  #unread: Uint8Array = new Uint8Array();
  #joiner = new Joiner();
  /** The write under way. */
  #writing: Promise<void> | undefined;
  /** The payload of the latest ping that was not answered; earlier ones need no answer. */
  #ping: Uint8Array | undefined;
  #closed = new AbortController();
  #secondEnds = 0;
  #framesInSecond = 0;

  /** Uses `connection` after the opening handshake. */
  constructor(connection: Connection, { messageBytes, perSecond }: WebSocketLimits = OF_VIEWERS) {
    this.#connection = connection;
    this.#perSecond = perSecond;
    this.#reader = new WebSocketReader(messageBytes);
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (!await this.hasData()) return null;
    const part = this.#unread.subarray(0, into.length);
    into.set(part);
    this.#unread = this.#unread.subarray(part.length);
    return part.length;
  }

  /** Waits until there is something to read. @returns false at the end */
  async hasData(): Promise<boolean> {
    try {
      while (this.#unread.length === 0 && !this.#closed.signal.aborted) {
        const frame = this.#reader.next();
        if (frame === undefined) {
          const count = await this.#connection.read(this.#reader.space());
          if (count === null) return false;
          this.#reader.commit(count);
          continue;
        }
        await this.#limitRate();
        if (frame.opcode === Opcode.BINARY) this.#unread = frame.payload;
        else if (frame.opcode === Opcode.CLOSE) this.close();
        else if (frame.opcode === Opcode.PING) {
          this.#ping = frame.payload.slice();
          this.#writing ??= this.#transmit();
        }
      }
    } catch (error) {
      if (!(error instanceof WebSocketError)) throw error;
      this.close(error.code);
    }
    return !this.#closed.signal.aborted;
  }

  async write(bytes: Uint8Array): Promise<number> {
    while (this.#writing !== undefined) await this.#writing;
    this.#closed.signal.throwIfAborted();
    await (this.#writing = this.#transmit(bytes));
    return bytes.length;
  }

  close(code: CloseCode = 1000): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new Error("the WebSocket is closed"));
    const payload = closePayload(code);
    const frame = [...frameHeader(Opcode.CLOSE, payload.length), ...payload];
    const said = this.#writing === undefined && this.#connection.write(new Uint8Array(frame));
    Promise.resolve(said).catch(() => {}).finally(() => closeQuietly(this.#connection));
  }

  /** Sends `message`, if there is one, and the answer to a ping. */
  async #transmit(message?: Uint8Array): Promise<void> {
    try {
      for (let rest = message; rest !== undefined || this.#ping !== undefined; rest = undefined) {
        const [opcode, payload] = rest ? [Opcode.BINARY, rest] : [Opcode.PONG, this.#ping!];
        if (rest === undefined) this.#ping = undefined;
        await writeAll(
          this.#connection,
          this.#joiner.join(frameHeader(opcode, payload.length), payload),
        );
      }
    } finally {
      this.#writing = undefined;
    }
  }

  /** Counts a frame; waits for the next second if there were too many in this one. */
  async #limitRate(): Promise<void> {
    if (this.#framesInSecond >= this.#perSecond) {
      await wait(this.#secondEnds - performance.now(), this.#closed.signal);
    }
    if (performance.now() >= this.#secondEnds) {
      this.#secondEnds = performance.now() + 1000;
      this.#framesInSecond = 0;
    }
    this.#framesInSecond++;
  }
}
