/**
 * The lengths of the frames in an Opus packet (RFC 6716 section 3.2).
 *
 * @module
 */

/** The longest frame, in bytes (RFC 6716 section 3.4, rule R2). */
const MAX_FRAME_BYTES = 1275;

/** Whether the lengths in a packet agree with its size: rules R1 to R7 of RFC 6716 section 3.4. */
export function isWholeOpus(packet: Uint8Array): boolean {
  if (packet.length === 0) return false;
  const frames = packet.subarray(1);
  switch (packet[0] & 3) {
    case 0:
      return frames.length <= MAX_FRAME_BYTES;
    case 1:
      return frames.length % 2 === 0 && frames.length / 2 <= MAX_FRAME_BYTES;
    case 2:
      return areFrames(frames, 2, true);
    default:
      return areManyFrames(frames);
  }
}

/** Frames whose count, coding and padding are told by the first bytes (section 3.2.5). */
function areManyFrames(bytes: Uint8Array): boolean {
  const [head = 0] = bytes;
  const [count, hasPadding, isVariable] = [head & 63, (head & 64) !== 0, (head & 128) !== 0];
  if (count === 0) return false;
  let at = 1;
  let padding = 0;
  if (hasPadding) {
    for (let byte = 255; byte === 255; at++) {
      if (at >= bytes.length) return false;
      byte = bytes[at];
      padding += byte === 255 ? 254 : byte; // 255: 254 bytes, and another length byte
    }
  }
  if (at + padding > bytes.length) return false;
  return areFrames(bytes.subarray(at, bytes.length - padding), count, isVariable);
}

/** Whether bytes are the lengths of all frames but the last one, if those vary, and the frames. */
function areFrames(bytes: Uint8Array, count: number, isVariable: boolean): boolean {
  if (!isVariable) return bytes.length % count === 0 && bytes.length / count <= MAX_FRAME_BYTES;
  let [at, sum] = [0, 0];
  for (let index = 0; index < count - 1; index++) {
    // From 252 on, a second byte adds four times its value (section 3.2.1).
    const isLong = bytes[at] >= 252;
    if (at + (isLong ? 2 : 1) > bytes.length) return false;
    sum += bytes[at] + (isLong ? 4 * bytes[at + 1] : 0);
    at += isLong ? 2 : 1;
  }
  const last = bytes.length - at - sum;
  return last >= 0 && last <= MAX_FRAME_BYTES;
}
