/**
 * How long a viewer may say nothing.
 *
 * @module
 */

/** How long a viewer with a heartbeat may be silent; also one without, if nothing is in flight. */
const SILENCE_MS = 10_000;
/**
 * How long one without a heartbeat may be silent at most: a ping behind frames in flight arrives
 * late, and one that does not read does not answer.
 */
const MAX_SILENCE_MS = 60_000;
/** The slowest path for which that allows, in bytes per millisecond: 128 kbit/s. */
const SLOWEST = 16;

/**
 * How long a viewer that acknowledges may say nothing, in milliseconds.
 *
 * @param isWriting whether its connection has not taken everything yet
 */
export function silenceMs(
  hasHeartbeat: boolean,
  isWriting: boolean,
  bytesInFlight: number,
): number {
  if (hasHeartbeat) return SILENCE_MS;
  if (isWriting) return MAX_SILENCE_MS;
  return Math.min(MAX_SILENCE_MS, SILENCE_MS + bytesInFlight / SLOWEST);
}
