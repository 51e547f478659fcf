/**
 * The message that carries sound. Its payload is
 *
 * ```text
 *  0     1     2        6                       14
 * +-----+-----+--- - --+--- - - - - - - - - ----+---- - -
 * | 53  |level| number | time in microseconds   | Opus packet ...
 * +-----+-----+--- - --+--- - - - - - - - - ----+---- - -
 * ```
 *
 * @module
 */

import { ProtocolError } from "../base/errors.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { MAX_OPUS_BYTES, SILENCE, SoundPacket } from "../sound/sound_packet.ts";

/** The first byte of the payload: "S". */
export const SOUND_FIRST_BYTE = 0x53;
const HEADER_BYTES = 14;
const LENGTH_BYTES = 4;

/** The longest payload, in bytes. */
export const MAX_SOUND_BYTES = HEADER_BYTES + MAX_OPUS_BYTES;

/** Encodes a packet for the wire. Any number of viewers may be sent the result. */
export function encodeSound({ level, seq, time, data }: SoundPacket): Bytes {
  const bytes = new Uint8Array(LENGTH_BYTES + HEADER_BYTES + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, HEADER_BYTES + data.length);
  view.setUint8(4, SOUND_FIRST_BYTE);
  view.setUint8(5, level);
  view.setUint32(6, seq);
  view.setBigUint64(10, BigInt(Math.round(time * 1000)));
  bytes.set(data, LENGTH_BYTES + HEADER_BYTES);
  return bytes;
}

/**
 * Reads the payload of a message that begins with {@linkcode SOUND_FIRST_BYTE}. The packet has
 * memory of its own.
 *
 * @throws {ProtocolError} if it is no sound
 */
export function parseSound(payload: Uint8Array): SoundPacket {
  if (payload.length < HEADER_BYTES) {
    throw new ProtocolError("Cannot read sound: the message breaks off");
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const time = Number(view.getBigUint64(6)) / 1000;
  try {
    return new SoundPacket({
      seq: view.getUint32(2),
      time,
      level: Math.min(view.getUint8(1), SILENCE),
      data: payload.slice(HEADER_BYTES),
    });
  } catch (cause) {
    throw new ProtocolError("Cannot read sound: it must be an Opus packet", { cause });
  }
}
