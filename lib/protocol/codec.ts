/**
 * The wire format. In both directions a message is
 *
 * ```text
 *  0       1       2       3       4
 * +-------+-------+-------+-------+----------- - -
 * |  length, unsigned, big-endian |  payload ...
 * +-------+-------+-------+-------+----------- - -
 * ```
 *
 * The first byte of the payload gives its kind: `FF` is a JPEG, `7B` (`{`) a
 * control message in JSON. Viewers that take sound also get `53` (`S`), sound, and
 * `50` (`P`), a part of a JPEG.
 *
 * @module
 */

import { type Control, MAX_CONTROL_BYTES } from "./control.ts";
import { cut } from "../base/text.ts";
import { ProtocolError } from "../base/errors.ts";
import { type Bytes, Frame, FramePool, Intake } from "../jpeg/frame.ts";
import { MAX_FAST_MESSAGE_BYTES, writeAck, writeFrameInfo } from "./fast_messages.ts";
import { Marker } from "../jpeg/markers.ts";
import { parseControl } from "./parse_control.ts";
import { MAX_PART_BYTES, PART_FIRST_BYTE, PartJoiner } from "./parts.ts";
import { MAX_SOUND_BYTES, parseSound, SOUND_FIRST_BYTE } from "./sound_message.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

export { encodePart } from "./parts.ts";
export { encodeSound } from "./sound_message.ts";

/** Bytes read at once. It bounds the work that a peer with many tiny messages causes in one go. */
const MAX_READ_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;
const JPEG_FIRST_BYTE = 0xff;
const JSON_FIRST_BYTE = 0x7b;
const UTF8 = new TextEncoder();

/** Headers are written here before they are copied to their place. */
const scratch = new Uint8Array(2 * LENGTH_BYTES + MAX_FAST_MESSAGE_BYTES);

/** Encodes a control message for the wire; texts that are too long are cut. */
export function encodeControl(message: Control): Bytes {
  if (message.type === "ack") {
    const end = writeAck(scratch, LENGTH_BYTES, message.seq, message.held);
    putLength(scratch, 0, end - LENGTH_BYTES);
    return scratch.slice(0, end);
  }
  let payload = UTF8.encode(JSON.stringify(message));
  if (payload.length > MAX_CONTROL_BYTES) {
    payload = UTF8.encode(JSON.stringify(message, shorten));
  }
  const bytes = new Uint8Array(LENGTH_BYTES + payload.length);
  putLength(bytes, 0, payload.length);
  bytes.set(payload, LENGTH_BYTES);
  return bytes;
}

/**
 * Encodes a frame for the wire: its length and the JPEG, in the frame's own memory, so that
 * the pixels are not copied. Any number of viewers may be sent the result.
 */
export function encodeFrame(frame: Frame): Bytes {
  const header = new Uint8Array(LENGTH_BYTES);
  putLength(header, 0, frame.jpeg.length);
  return frame.withHeader(header);
}

/** Encodes a frame with its description before it; contains the bytes of {@linkcode encodeFrame}. */
export function encodeDescribedFrame(frame: Frame): Bytes {
  const infoEnd = writeFrameInfo(scratch, LENGTH_BYTES, frame.seq, frame.time);
  putLength(scratch, 0, infoEnd - LENGTH_BYTES);
  putLength(scratch, infoEnd, frame.jpeg.length);
  return frame.withHeader(scratch.subarray(0, infoEnd + LENGTH_BYTES));
}

function shorten(_name: string, value: unknown): unknown {
  return typeof value === "string" ? cut(value) : value;
}

function putLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}

/** Options of {@linkcode MessageReader}. */
export interface MessageReaderOptions {
  /** The longest frame accepted, in bytes; 0 refuses every frame. */
  maxFrameBytes: number;
  /** Whether sound, and pictures in parts, were asked for. @default {false} */
  sound?: boolean;
}

/** A message as it is read. */
export type Message = Control | Frame | SoundPacket;

/** Whether a message is a control message. */
export function isControl(message: Message | undefined): message is Control {
  return message !== undefined && !(message instanceof Frame) && message.type !== "sound";
}

/**
 * Reads messages from pieces of any size. It checks a length before it allocates memory
 * for it.
 */
export class MessageReader {
  /** Bytes of sound and of parts of pictures so far, as `taken` tells them to the sender. */
  takenBytes = 0;

  #intake: Intake;
  #maxFrameBytes: number;
  #parts: PartJoiner | undefined;

  /** Makes a reader at the start of the first message. */
  constructor(options: MessageReaderOptions) {
    this.#maxFrameBytes = options.maxFrameBytes;
    if (options.sound) this.#parts = new PartJoiner(options.maxFrameBytes);
    // A peer that sends no pictures needs little memory.
    this.#intake = new Intake(
      new FramePool(options.maxFrameBytes > 0 ? 64 * 1024 : 1024),
    );
  }

  /** Free memory to read the next bytes into; see {@linkcode MessageReader.commit}. */
  space(): Bytes {
    return this.#intake.space().subarray(0, MAX_READ_BYTES);
  }

  /** Whether part of a message was read, but not all. */
  get midMessage(): boolean {
    return this.#intake.end > this.#intake.start;
  }

  /**
   * Says that `count` bytes were read into the last {@linkcode MessageReader.space}.
   *
   * @returns the messages that are complete now, without control messages of unknown types;
   * the caller owns the frames
   * @throws {ProtocolError} if a message is too long or of no known kind. Nothing
   * can be read after that
   */
  commit(count: number): Message[] {
    const intake = this.#intake;
    intake.end += count;
    const messages: Message[] = [];
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
        const message = this.#parse(buffer.subarray(payload, payload + length));
        if (message !== undefined) messages.push(message);
        intake.dropUntil(payload + length);
      }
    }
    return messages;
  }

  /** Reads a message that stays in the intake. */
  #parse(payload: Bytes): Message | undefined {
    const [kind] = payload;
    if (kind === JSON_FIRST_BYTE) return parseControl(payload);
    this.takenBytes += LENGTH_BYTES + payload.length;
    if (kind === SOUND_FIRST_BYTE) return parseSound(payload);
    const jpeg = this.#parts!.add(payload);
    if (jpeg === undefined) return undefined;
    checkJpeg(jpeg, 0, jpeg.length);
    return Frame.from(jpeg, { time: 0 });
  }

  #check(firstByte: number, length: number): void {
    if (firstByte === JPEG_FIRST_BYTE) {
      if (this.#maxFrameBytes === 0) {
        throw new ProtocolError(
          "Cannot accept a picture: only the sender sends pictures",
        );
      }
      checkLength("a frame", length, this.#maxFrameBytes);
    } else if (firstByte === JSON_FIRST_BYTE) {
      checkLength("a control message", length, MAX_CONTROL_BYTES);
    } else if (firstByte === SOUND_FIRST_BYTE && this.#parts !== undefined) {
      checkLength("sound", length, MAX_SOUND_BYTES);
    } else if (firstByte === PART_FIRST_BYTE && this.#parts !== undefined) {
      checkLength("a part of a frame", length, MAX_PART_BYTES);
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
    throw new ProtocolError("Cannot accept a picture: it must be a JPEG from SOI to EOI");
  }
}

function checkLength(what: string, length: number, max: number): void {
  if (length === 0 || length > max) {
    throw new ProtocolError(
      `Cannot read ${what}: it must be 1 to ${max} bytes long, received ${length}`,
    );
  }
}
