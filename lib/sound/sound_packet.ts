/**
 * A piece of sound on its way from a microphone to the ear.
 *
 * @module
 */

import { opusDurationMs } from "./opus.ts";

/** The longest Opus packet taken, in bytes: more than one frame can have (RFC 6716 section 3.2.1). */
export const MAX_OPUS_BYTES = 1500;
/** The level of silence, in decibels below the loudest possible. */
export const SILENCE = 127;

/** One Opus packet, and when it was recorded. */
export class SoundPacket {
  /** Tells it from control messages. */
  readonly type = "sound";
  /** Grows by one per packet of the source; gaps were dropped. Wraps around at 2^32. */
  seq: number;
  /** When its first sample was recorded, in milliseconds since the Unix epoch, on the sender's clock. */
  readonly time: number;
  /** How loud the source is about then: 0 is the loudest possible, 127 silence, in decibels (RFC 6464). */
  readonly level: number;
  /** The packet (RFC 6716), 1 to 1500 bytes. */
  readonly data: Uint8Array;
  /** How long it plays, in milliseconds: 2.5 to 120. */
  readonly durationMs: number;

  /** Makes a packet. @throws {RangeError} if `data` is no Opus packet of at most 1500 bytes */
  constructor(
    { seq, time, data, level = SILENCE }: {
      seq: number;
      time: number;
      data: Uint8Array;
      level?: number;
    },
  ) {
    const durationMs = data.length > MAX_OPUS_BYTES ? undefined : opusDurationMs(data);
    if (durationMs === undefined) throw new RangeError("it must be an Opus packet");
    this.seq = seq;
    this.time = time;
    this.level = level;
    this.data = data;
    this.durationMs = durationMs;
  }
}
