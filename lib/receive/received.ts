/**
 * What a receiver gets from a sender: frames, and events of the connection.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Address } from "../protocol/address.ts";
import { defined } from "../base/defined.ts";
import type { Stream, StreamSound } from "../protocol/control.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** A frame cannot be from further in the future than clocks may differ by, in milliseconds. */
const MAX_AHEAD_MS = 10_000;
/** A frame cannot have waited longer than this in queues, in milliseconds. */
const MAX_AGE_MS = 3_600_000;

/** A received frame, with what is known of its way. */
export interface ReceivedFrame {
  /** The picture, valid until the next one is asked for; `retain()` it to keep it longer. */
  frame: Frame;
  /**
   * When it was captured, on this machine's clock, in milliseconds; undefined from a sender that
   * sends only pictures, and until the clocks are synchronised.
   */
  capturedAt: number | undefined;
  /** Whether it shows the present; false for the pictures a sender shows while it has no signal. */
  live: boolean;
  /** Frames since the previous one that were not sent, or were replaced by this one. */
  dropped: number;
  /**
   * The clock of `frame.time` minus this machine's, in milliseconds; roughly known before
   * `capturedAt` is. Undefined from a sender that sends only pictures.
   */
  clockOffsetMs?: number | undefined;
}

/** Received sound. */
export interface ReceivedSound {
  /** A piece of it. */
  packet: SoundPacket;
  /** When it was recorded, on this machine's clock, in milliseconds, once the clocks are synchronised. */
  capturedAt: number | undefined;
}

/** An event of the connection. */
export type ReceiveEvent =
  /**
   * The connection is established, at this address unless the sender has connected. An encrypted
   * peer has proved that it has the key.
   */
  | { type: "connected"; encrypted: boolean; address?: Address }
  /**
   * The sender has described its stream, or the stream has become live or not live. `hops` is the
   * number of relays that the frames have passed, without it 0; `sound` tells of its sound, if it
   * has any.
   */
  | {
    type: "stream";
    name: string;
    live: boolean;
    reason: string;
    hops?: number;
    sound?: StreamSound;
  }
  /** The sender shows no sign of life, although one was due: the last picture is not live any more. */
  | { type: "silent"; reason: string }
  /** The sender is heard again, or has sent its first frame without a description of its stream. */
  | { type: "heard" }
  /** The connection failed or ended. Another attempt follows, unless `once` is set. */
  | { type: "lost"; reason: string };

/**
 * The time of capture of a frame on this machine's clock, if it is known and plausible.
 *
 * @param time on the sender's clock
 * @param offsetMs the sender's clock minus this machine's, if known
 */
export function captureTime(time: number, offsetMs: number | undefined): number | undefined {
  if (offsetMs === undefined) return undefined;
  const capturedAt = time - offsetMs;
  const ageMs = now() - capturedAt;
  return ageMs > -MAX_AHEAD_MS && ageMs < MAX_AGE_MS ? capturedAt : undefined;
}

/** A packet with its time on this machine's clock: see {@linkcode captureTime}. */
export function receivedSound(packet: SoundPacket, offsetMs: number | undefined): ReceivedSound {
  return { packet, capturedAt: captureTime(packet.time, offsetMs) };
}

/** The event for a description of the stream. */
export function streamEvent({ type, name, live, reason, hops, sound }: Stream): ReceiveEvent {
  return { type, name, live, reason, ...defined({ hops, sound }) };
}
