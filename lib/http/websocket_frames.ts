/**
 * The frames of WebSockets (RFC 6455 section 5).
 *
 * ```text
 *  0                   1
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 * +-+-----+-------+-+-------------+----------------+----------------+-----------+
 * |F| RSV | opcode|M| length 0-125| 126: 16 bits   | masking key,   | payload   |
 * |I|     |       |A|    or 126,  | 127: 64 bits   | 32 bits        |           |
 * |N|     |       |S|    or 127   | of length      | if MASK is set |           |
 * +-+-----+-------+-+-------------+----------------+----------------+-----------+
 * ```
 *
 * @module
 */

import type { Bytes } from "../jpeg/frame.ts";

/** The kinds of frames (RFC 6455 section 5.2). */
export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** The longest payload of a control frame (RFC 6455 section 5.5). */
const MAX_CONTROL_PAYLOAD = 125;
const MASK_BYTES = 4;

/** Why a connection was closed (RFC 6455 section 7.4.1). */
export type CloseCode = 1000 | 1002 | 1003 | 1009;

/** The client broke the rules for frames. */
export class WebSocketError extends Error {
  /** The name of the class. */
  override name = "WebSocketError";
  /** What the client is told. */
  readonly code: CloseCode;

  /** Makes an error from a close code and a plain sentence. */
  constructor(code: CloseCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Memory for what has arrived. */
const BUFFER_BYTES = 64 * 1024;

/** A frame from the client, or a piece of one with data. */
export interface WebSocketFrame {
  /** Binary data, `CLOSE`, `PING` or `PONG`. */
  opcode: typeof Opcode.BINARY | typeof Opcode.CLOSE | typeof Opcode.PING | typeof Opcode.PONG;
  /** Its payload, unmasked: a view that is valid until more bytes arrive. */
  payload: Bytes;
}

/**
 * Reads the frames of a client. Data come out in pieces, as they arrive, whatever the frames and
 * fragments of their message: their bytes are all that matters here.
 */
export class WebSocketReader {
  #maxMessageBytes: number;
  #buffer: Bytes;
  #start = 0;
  #end = 0;
  /** Payload of the message that is not finished; undefined between messages. */
  #messageBytes: number | undefined;
  /** Payload of the frame with data that has not arrived yet. */
  #rest = 0;
  /** The masking key of that frame, turned to its next byte. */
  #mask = new Uint8Array(MASK_BYTES);

  /** @param maxMessageBytes the longest message accepted, all its fragments together */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#buffer = new Uint8Array(
      Math.min(BUFFER_BYTES, 2 + 8 + MASK_BYTES + Math.max(maxMessageBytes, MAX_CONTROL_PAYLOAD)),
    );
  }

  /** Free memory to read the next bytes into; see {@linkcode WebSocketReader.commit}. Never empty. */
  space(): Bytes {
    // At most a header, or a control frame, is not taken out yet: there is room after it.
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    return this.#buffer.subarray(this.#end);
  }

  /** Says that `count` bytes were read into the last {@linkcode WebSocketReader.space}. */
  commit(count: number): void {
    this.#end += count;
  }

  /**
   * Takes out the next frame, or piece of one.
   *
   * @returns undefined until more bytes arrive
   * @throws {WebSocketError} if the client breaks the rules, or its message is too long
   */
  next(): WebSocketFrame | undefined {
    if (this.#rest > 0) return this.#piece();
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    if (bytes.length < 2) return undefined;
    const isFinal = (bytes[0] & 0x80) !== 0;
    const opcode = bytes[0] & 0x0f;
    check((bytes[0] & 0x70) === 0, "no extension was agreed on");
    check((bytes[1] & 0x80) !== 0, "a client must mask its frames");
    let length = bytes[1] & 0x7f;
    let at = 2;
    if (length > MAX_CONTROL_PAYLOAD) {
      at += length === 126 ? 2 : 8;
      if (bytes.length < at) return undefined;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      length = length === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    }
    this.#check(opcode, isFinal, length);
    const isControl = opcode >= Opcode.CLOSE;
    const payloadStart = at + MASK_BYTES;
    if (bytes.length < payloadStart + (isControl ? length : 0)) return undefined;

    this.#mask.set(bytes.subarray(at, payloadStart));
    this.#start += payloadStart;
    if (isControl) {
      return { opcode: opcode as WebSocketFrame["opcode"], payload: this.#unmasked(length) };
    }
    this.#messageBytes = isFinal ? undefined : (this.#messageBytes ?? 0) + length;
    this.#rest = length;
    return this.#piece();
  }

  /** What has arrived of a frame with data. */
  #piece(): WebSocketFrame | undefined {
    const length = Math.min(this.#rest, this.#end - this.#start);
    if (length === 0 && this.#rest > 0) return undefined;
    this.#rest -= length;
    return { opcode: Opcode.BINARY, payload: this.#unmasked(length) };
  }

  /** Takes out `length` bytes of payload, and turns the mask by as many. */
  #unmasked(length: number): Bytes {
    const payload = this.#buffer.subarray(this.#start, this.#start += length);
    const [a, b, c, d] = this.#mask;
    let index = 0;
    for (const end = length - 3; index < end; index += 4) {
      payload[index] ^= a;
      payload[index + 1] ^= b;
      payload[index + 2] ^= c;
      payload[index + 3] ^= d;
    }
    for (; index < length; index++) payload[index] ^= this.#mask[index & 3];
    const turned = length & 3;
    if (turned > 0) this.#mask.set([a, b, c, d, a, b, c].slice(turned, turned + MASK_BYTES));
    return payload;
  }

  #check(opcode: number, isFinal: boolean, length: number): void {
    if (opcode >= Opcode.CLOSE) {
      check(opcode <= Opcode.PONG, "the opcode is unknown");
      check(isFinal && length <= MAX_CONTROL_PAYLOAD, "a control frame must be short and whole");
      return;
    }
    if (opcode === Opcode.TEXT) {
      throw new WebSocketError(1003, "Cannot read a message: it must be binary, received text");
    }
    check(opcode <= Opcode.BINARY, "the opcode is unknown");
    check(
      (opcode === Opcode.CONTINUATION) === (this.#messageBytes !== undefined),
      "fragments must follow one another",
    );
    if ((this.#messageBytes ?? 0) + length > this.#maxMessageBytes) {
      throw new WebSocketError(
        1009,
        `Cannot read a message: it must be at most ${this.#maxMessageBytes} bytes long`,
      );
    }
  }
}

function check(holds: boolean, rule: string): void {
  if (!holds) throw new WebSocketError(1002, `Cannot read a frame: ${rule}`);
}

/** The header of a whole message from the server, of up to 2^32 - 1 bytes. */
export function frameHeader(opcode: number, length: number): Bytes {
  const first = 0x80 | opcode;
  if (length <= 125) return new Uint8Array([first, length]);
  const header = new Uint8Array(length < 0x10000 ? 4 : 10);
  header[0] = first;
  const view = new DataView(header.buffer);
  if (length < 0x10000) {
    header[1] = 126;
    view.setUint16(2, length);
  } else {
    header[1] = 127;
    view.setUint32(6, length);
  }
  return header;
}

/** The payload of a close frame. */
export function closePayload(code: CloseCode): Bytes {
  return new Uint8Array([code >> 8, code & 0xff]);
}

/** The value of `Sec-WebSocket-Accept` for that of `Sec-WebSocket-Key` (RFC 6455 section 4.2.2). */
export async function acceptValue(key: string): Promise<string> {
  const text = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return new Uint8Array(await crypto.subtle.digest("SHA-1", text)).toBase64();
}
