/**
 * The client's side of WebSockets (RFC 6455), byte by byte.
 *
 * @module
 */

import { join } from "./jpegs.ts";

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
