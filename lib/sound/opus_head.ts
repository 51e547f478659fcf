/**
 * The header of an Opus stream in a file: Ogg, Matroska and WebM have the same.
 *
 * @module
 */

import { ascii } from "./big_endian.ts";
import { OPUS_RATE } from "./opus.ts";
import type { Bytes } from "../jpeg/frame.ts";

/** What a decoder needs to know before the first packet. */
export interface OpusHead {
  /** 1 or 2. */
  channels: number;
  /** Samples at 48 kHz to drop at the start, because the encoder needed them to begin. */
  preSkip: number;
}

/** Encodes it (RFC 7845 section 5.1), in 19 bytes. */
export function encodeOpusHead({ channels, preSkip }: OpusHead): Bytes {
  const bytes = new Uint8Array(19);
  bytes.set(ascii("OpusHead"));
  const view = new DataView(bytes.buffer);
  view.setUint8(8, 1); // version
  view.setUint8(9, channels);
  view.setUint16(10, preSkip, true);
  view.setUint32(12, OPUS_RATE, true); // of the original; only informative
  return bytes; // no gain, and mapping family 0: mono or stereo
}
