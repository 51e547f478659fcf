/**
 * Decoded sound: interleaved stereo samples, 48,000 a second for each channel.
 *
 * @module
 */

/** Channels of all decoded sound: mono has twice the same. */
export const CHANNELS = 2;
/** Sample frames (one sample for each channel) in a millisecond. */
export const FRAMES_PER_MS = 48;

/** Interleaved samples from -1 to 1. */
export type Pcm = Float32Array<ArrayBuffer>;

/** Silence of so many sample frames. */
export function silence(frames: number): Pcm {
  return new Float32Array(frames * CHANNELS);
}

/** Converts to 16-bit samples in little-endian order (ffmpeg's `s16le`). */
export function toS16le(pcm: Pcm, gain = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * pcm.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < pcm.length; index++) {
    const value = Math.round(pcm[index] * gain * 32_767);
    view.setInt16(2 * index, Math.max(-32_768, Math.min(32_767, value)), true);
  }
  return bytes;
}
