/**
 * The layout of messages at a broker. `docs/broker.md` draws it.
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import { MAX_FRAME_BYTES } from "../jpeg/frame.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { MAX_SOUND_BYTES, parseSound, SOUND_FIRST_BYTE } from "../protocol/sound_message.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** The first byte: it is no beginning of a text or of a JPEG. */
const MAGIC = 0xca;
const VERSION = 1;
const SEALED = 0x01;

/** Bytes of an epoch. */
export const EPOCH_BYTES = 16;
/** Bytes before the body. */
export const HEADER_BYTES = 36;
/** Bytes that sealing adds (the tag of AES-GCM). */
export const TAG_BYTES = 16;
/** Bytes before the JPEG of a frame: its number and capture time. */
export const FRAME_BYTES = 16;
/** The longest body with sound: 40 of the longest packets, and much more than 200 ms of usual ones. */
export const MAX_SOUND_BODY_BYTES = 64 * 1024;
/** The longest body of the other kinds. */
const MAX_TEXT_BYTES = 4096;
/** Bytes of the length before each packet of sound. */
const LENGTH_BYTES = 4;

/** What a message is. */
export type Kind = "frame" | "state" | "question" | "answer" | "sound";

const KINDS: readonly Kind[] = ["frame", "state", "question", "answer", "sound"];

/** What everybody can read of a message. */
export interface Header {
  /** What it is. */
  kind: Kind;
  /** Whether its body is sealed. */
  sealed: boolean;
  /** Random bytes that its writer chose when it started. */
  epoch: Bytes;
  /** Grows with each message of an epoch. */
  counter: number;
  /** When it was sent, in milliseconds since the Unix epoch, on its writer's clock. */
  sentAt: number;
}

/** A message as it lies in memory. */
export interface Message {
  /** Its header. */
  header: Header;
  /** The header's bytes, to which a seal is bound. */
  head: Uint8Array;
  /** What follows them: sealed, or bare. */
  body: Uint8Array;
}

/** Writes a header. */
export function encodeHeader({ kind, sealed, epoch, counter, sentAt }: Header): Bytes {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set([MAGIC, VERSION, KINDS.indexOf(kind), sealed ? SEALED : 0]);
  bytes.set(epoch, 4);
  view.setBigUint64(20, BigInt(counter));
  view.setFloat64(28, sentAt);
  return bytes;
}

/**
 * Reads a message from anybody who can write to the broker.
 *
 * @throws {ProtocolError} if it is none
 */
export function parseMessage(bytes: Uint8Array): Message {
  if (bytes.length < HEADER_BYTES || bytes[0] !== MAGIC || bytes[1] !== VERSION) {
    throw new ProtocolError("Cannot read a message of the broker: it is not of this version");
  }
  const kind = KINDS[bytes[2]];
  const sealed = bytes[3] === SEALED;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const counter = Number(view.getBigUint64(20));
  const sentAt = view.getFloat64(28);
  if (
    kind === undefined || !sealed && bytes[3] !== 0 || !Number.isSafeInteger(counter) ||
    !Number.isFinite(sentAt)
  ) throw new ProtocolError("Cannot read a message of the broker: its header is damaged");
  const body = bytes.subarray(HEADER_BYTES);
  const added = sealed ? TAG_BYTES : 0;
  const most = longestBody(kind);
  if (body.length < added || body.length > added + most) {
    throw new ProtocolError(
      `Cannot read a message of the broker: it must have ${added} to ${added + most} bytes, ` +
        `received ${body.length}`,
    );
  }
  const epoch = bytes.slice(4, 4 + EPOCH_BYTES);
  return {
    header: { kind, sealed, epoch, counter, sentAt },
    head: bytes.subarray(0, HEADER_BYTES),
    body,
  };
}

function longestBody(kind: Kind): number {
  if (kind === "frame") return FRAME_BYTES + MAX_FRAME_BYTES;
  return kind === "sound" ? MAX_SOUND_BODY_BYTES : MAX_TEXT_BYTES;
}

/** A picture in the body of a message. */
export interface Picture {
  /** Its number. */
  seq: number;
  /** Its capture time, on the publisher's clock. */
  time: number;
  /** The JPEG. */
  jpeg: Uint8Array;
}

/** Writes the body of a frame: number, capture time, JPEG. */
export function encodePicture({ seq, time, jpeg }: Picture): Bytes {
  const bytes = new Uint8Array(FRAME_BYTES + jpeg.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(seq));
  view.setFloat64(8, time);
  bytes.set(jpeg, FRAME_BYTES);
  return bytes;
}

/**
 * Reads the body of a frame.
 *
 * @throws {ProtocolError} if it is none
 */
export function parsePicture(body: Uint8Array): Picture {
  const jpeg = body.subarray(FRAME_BYTES);
  if (
    jpeg.length < 4 || jpeg[0] !== 0xff || jpeg[1] !== 0xd8 || jpeg.at(-2) !== 0xff ||
    jpeg.at(-1) !== 0xd9
  ) throw new ProtocolError("Cannot read a picture of the broker: it must be a JPEG");
  const view = new DataView(body.buffer, body.byteOffset, FRAME_BYTES);
  const seq = Number(view.getBigUint64(0));
  const time = view.getFloat64(8);
  if (!Number.isSafeInteger(seq) || !Number.isFinite(time)) {
    throw new ProtocolError("Cannot read a picture of the broker: its number or time is damaged");
  }
  return { seq, time, jpeg };
}

/**
 * Reads the body of sound: one packet or more, each as viewers get it, `docs/protocol.md`.
 *
 * @throws {ProtocolError} if it is none
 */
export function parsePackets(body: Uint8Array): SoundPacket[] {
  const packets: SoundPacket[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < body.length;) {
    const length = body.length - at < LENGTH_BYTES ? 0 : view.getUint32(at);
    const from = at + LENGTH_BYTES;
    at = from + length;
    if (length > MAX_SOUND_BYTES || at > body.length || body[from] !== SOUND_FIRST_BYTE) {
      throw new ProtocolError("Cannot read sound of the broker: its packets are damaged");
    }
    packets.push(parseSound(body.subarray(from, at)));
  }
  return packets;
}
