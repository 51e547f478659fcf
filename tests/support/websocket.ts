/**
 * The client's side of WebSockets (RFC 6455), byte by byte.
 *
 * @module
 */

import { Opcode } from "../../lib/http/websocket_frames.ts";
import { encodeControl, MessageReader } from "../../lib/protocol/codec.ts";
import type { Control } from "../../lib/protocol/control.ts";
import { join } from "./jpegs.ts";
import { until } from "./patience.ts";

const MASK = new Uint8Array([0x5a, 0x00, 0xff, 0x13]);

/** A frame as a client sends it. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array,
  { isFinal = true } = {},
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const extended = length <= 125
    ? [0x80 | length]
    : length < 0x10000
    ? [0xfe, length >> 8, length & 0xff]
    : [0xff, 0, 0, 0, 0, length >>> 24, length >> 16 & 0xff, length >> 8 & 0xff, length & 0xff];
  const masked = payload.map((byte, index) => byte ^ MASK[index & 3]);
  return join((isFinal ? 0x80 : 0) | opcode, ...extended, MASK, masked);
}

/** The request that opens a WebSocket. */
export function upgradeRequest(host: string, headers = ""): string {
  return `GET /ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;
}

/** A client that is no browser, on a WebSocket with the protocol of docs/protocol.md. */
export class WebSocketClient implements Disposable {
  #connection: Deno.TcpConn;
  #reader = new MessageReader({ maxFrameBytes: 0 });
  #text = "";
  #answered = Promise.withResolvers<void>();
  /** The messages received. */
  readonly heard: Control[] = [];
  /** Resolves when the connection has ended. */
  readonly hasEnded: Promise<void>;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.hasEnded = this.#read();
  }

  /** Opens `/ws` there, and waits for the response. */
  static async connect(host: string, authorization: string): Promise<WebSocketClient> {
    const { hostname, port } = new URL(`http://${host}`);
    const connection = await Deno.connect({ hostname, port: Number(port) });
    const client = new WebSocketClient(connection);
    await client.raw(
      new TextEncoder().encode(upgradeRequest(host, `Authorization: ${authorization}\r\n`)),
    );
    await client.#answered.promise;
    return client;
  }

  /** Sends messages of the protocol, all as one of the WebSocket. */
  async send(...messages: (Control | Uint8Array)[]): Promise<void> {
    const bytes = messages.map((message) => {
      if (!(message instanceof Uint8Array)) return encodeControl(message);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, message.length);
      return join(length, message);
    });
    await this.raw(clientFrame(Opcode.BINARY, join(...bytes)));
  }

  /** Sends bytes as they are. */
  async raw(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) {
      rest = rest.subarray(await this.#connection.write(rest));
    }
  }

  /** Waits for a message, and returns the first of its type. */
  async hears(type: Control["type"]): Promise<Control> {
    await until(() => this.heard.some((it) => it.type === type), `a message of type ${type}`);
    return this.heard.find((it) => it.type === type)!;
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // closed already
    }
  }

  /** Reads the response, and then frames of less than 126 bytes, or some hundred. */
  async #read(): Promise<void> {
    let bytes: Uint8Array = new Uint8Array();
    const buffer = new Uint8Array(4096);
    let isOpen = false;
    try {
      for (let count; (count = await this.#connection.read(buffer)) !== null;) {
        bytes = join(bytes, buffer.slice(0, count));
        if (!isOpen) {
          this.#text = new TextDecoder("latin1").decode(bytes);
          const end = this.#text.indexOf("\r\n\r\n");
          if (end < 0 || !this.#text.startsWith("HTTP/1.1 101")) continue;
          isOpen = true;
          this.#answered.resolve();
          bytes = bytes.slice(end + 4);
        }
        while (bytes.length >= 2) {
          const isLong = bytes[1] === 126;
          const length = isLong ? bytes[2] << 8 | bytes[3] : bytes[1];
          const start = isLong ? 4 : 2;
          if (bytes.length < start + length) break;
          if ((bytes[0] & 0x0f) === Opcode.BINARY) this.#hear(bytes.slice(start, start + length));
          bytes = bytes.slice(start + length);
        }
      }
    } catch {
      // reset, or closed by us
    }
    this.#answered.resolve();
  }

  #hear(payload: Uint8Array): void {
    this.#reader.space().set(payload);
    this.heard.push(...this.#reader.commit(payload.length) as Control[]);
  }

  /** The status of a response that ends the connection. */
  async status(): Promise<string> {
    await this.hasEnded;
    return this.#text.slice(9, 12);
  }
}
