/**
 * What an Opus packet says of itself (RFC 6716 section 3), without decoding it.
 *
 * @module
 */

/** Samples per second that Opus counts times in, whatever was recorded (RFC 7845 section 4). */
export const OPUS_RATE = 48_000;
/** The longest packet, in milliseconds (RFC 6716 section 3.2.5). */
export const MAX_OPUS_MS = 120;

/** Durations of a frame in milliseconds, by configuration number (RFC 6716 table 2). */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];

/** How long a packet plays, in milliseconds; undefined if it is no Opus packet. */
export function opusDurationMs(packet: Uint8Array): number | undefined {
  if (packet.length === 0) return undefined;
  const [toc] = packet;
  const config = toc >> 3;
  const frameMs = config < 12
    ? SILK_MS[config % 4]
    : config < 16
    ? HYBRID_MS[config % 2]
    : CELT_MS[config % 4];
  const durationMs = frameMs * frameCount(packet);
  return durationMs > 0 && durationMs <= MAX_OPUS_MS ? durationMs : undefined;
}

/** Whether a packet holds two channels. */
export function isStereo(packet: Uint8Array): boolean {
  return (packet[0] & 4) !== 0;
}

/** Frames in a packet, by the code in its first byte (RFC 6716 section 3.2). */
function frameCount(packet: Uint8Array): number {
  switch (packet[0] & 3) {
    case 0:
      return 1;
    case 1:
      return packet.length % 2 === 1 ? 2 : 0; // two of the same length
    case 2:
      return packet.length > 1 ? 2 : 0;
    default:
      return packet.length > 1 ? packet[1] & 63 : 0;
  }
}
