/**
 * The wire format. Either way a message is
 *
 * ```text
 *  0       1       2       3       4
 * +-------+-------+-------+-------+----------- - -
 * |  length, unsigned, big-endian |  payload ...
 * +-------+-------+-------+-------+----------- - -
 * ```
 *
 * The first byte of the payload tells what it is: `FF` a JPEG, `7B` (`{`) a
 * control message in JSON.
 *
 * @module
 */

// @ts-types="./std.d.ts"
import { concat } from "@std/bytes/concat";
import { type Control, cut, MAX_CONTROL_BYTES, parseControl } from "./control.ts";
import { ProtocolError } from "./errors.ts";
import { type Bytes, type Frame, FramePool, Intake } from "./frame.ts";
import { Marker } from "./jpeg.ts";

/** Bytes read at once: a peer that sends many tiny messages must not get many done in one go. */
const MAX_READ_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;
const JPEG_FIRST_BYTE = 0xff;
const JSON_FIRST_BYTE = 0x7b;
const UTF8 = new TextEncoder();

/** A control message as it goes over the wire; long texts are cut. */
export function encodeControl(message: Control): Bytes {
  return withLength(UTF8.encode(JSON.stringify(message, shorten)));
}

/**
 * A frame as it goes over the wire: its length and the JPEG, in the frame's own
 * memory, so that the pixels are not copied. The same may be sent to any number
 * of viewers.
 */
export function encodeFrame(frame: Frame): Bytes {
  return frame.withHeader(lengthOf(frame.jpeg));
}

/** The same with the frame's description before it; contains {@linkcode encodeFrame}'s bytes. */
export function encodeDescribedFrame(frame: Frame): Bytes {
  const info = encodeControl({ type: "frame", seq: frame.seq, time: frame.time });
  return frame.withHeader(concat([info, lengthOf(frame.jpeg)]));
}

function shorten(_name: string, value: unknown): unknown {
  return typeof value === "string" ? cut(value) : value;
}

function lengthOf({ length }: Uint8Array): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES);
  bytes[0] = length >>> 24;
  bytes[1] = length >>> 16;
  bytes[2] = length >>> 8;
  bytes[3] = length;
  return bytes;
}

function withLength(payload: Uint8Array): Bytes {
  return concat([lengthOf(payload), payload]);
}

/** Options of {@linkcode MessageReader}. */
export interface MessageReaderOptions {
  /** The longest frame accepted, in bytes; 0 refuses every frame. */
  maxFrameBytes: number;
}

/**
 * Reads messages, whatever the sizes they arrive in. A length is checked before
 * memory is taken for it.
 */
export class MessageReader {
  #intake: Intake;
  #maxFrameBytes: number;

  /** Makes a reader that stands before the first message. */
  constructor(options: MessageReaderOptions) {
    this.#maxFrameBytes = options.maxFrameBytes;
    // Who sends no pictures needs little memory.
    this.#intake = new Intake(
      new FramePool(options.maxFrameBytes > 0 ? 64 * 1024 : 1024),
    );
  }

  /** Free memory to read the next bytes into; see {@linkcode MessageReader.commit}. */
  space(): Bytes {
    return this.#intake.space().subarray(0, MAX_READ_BYTES);
  }

  /** Whether a message has begun and is not complete. */
  get midMessage(): boolean {
    return this.#intake.end > this.#intake.start;
  }

  /**
   * Says that `count` bytes were read into the last {@linkcode MessageReader.space}.
   *
   * @returns the messages that are complete now; the caller owns the frames. Control
   * messages of unknown types are left out
   * @throws {ProtocolError} at a message that is too long or of no known kind. Nothing
   * can be read after that
   */
  commit(count: number): (Control | Frame)[] {
    const intake = this.#intake;
    intake.end += count;
    const messages: (Control | Frame)[] = [];
    for (;;) {
      const { buffer, start, end } = intake;
      if (end - start <= LENGTH_BYTES) break;
      const length = (buffer[start] << 24 | buffer[start + 1] << 16 |
        buffer[start + 2] << 8 |
        buffer[start + 3]) >>> 0;
      const payload = start + LENGTH_BYTES;
      this.#check(buffer[payload], length);
      if (end - payload < length) break;
      if (buffer[payload] === JPEG_FIRST_BYTE) {
        checkJpeg(buffer, payload, payload + length);
        messages.push(intake.take(payload, payload + length, 0));
      } else {
        const message = parseControl(
          buffer.subarray(payload, payload + length),
        );
        if (message !== undefined) messages.push(message);
        intake.dropUntil(payload + length);
      }
    }
    return messages;
  }

  #check(firstByte: number, length: number): void {
    if (firstByte === JPEG_FIRST_BYTE) {
      if (this.#maxFrameBytes === 0) {
        throw new ProtocolError(
          "Cannot take a picture: only the sender sends them",
        );
      }
      checkLength("a frame", length, this.#maxFrameBytes);
    } else if (firstByte === JSON_FIRST_BYTE) {
      checkLength("a control message", length, MAX_CONTROL_BYTES);
    } else {
      throw new ProtocolError(
        "Cannot read a message: its first byte must be FF (a JPEG) or 7B (a control message), " +
          `received ${firstByte.toString(16).padStart(2, "0").toUpperCase()}`,
      );
    }
  }
}

function checkJpeg(bytes: Uint8Array, start: number, end: number): void {
  const isWhole = end - start >= 4 && bytes[start + 1] === Marker.SOI &&
    bytes[end - 2] === 0xff && bytes[end - 1] === Marker.EOI;
  if (!isWhole) {
    throw new ProtocolError("Cannot take a picture: it must be a JPEG from SOI to EOI");
  }
}

function checkLength(what: string, length: number, max: number): void {
  if (length === 0 || length > max) {
    throw new ProtocolError(
      `Cannot read ${what}: it must be 1 to ${max} bytes long, received ${length}`,
    );
  }
}
