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

/** Changes the volume evenly from one factor to another. */
export function amplify(pcm: Pcm, from: number, to: number): void {
  if (from === 1 && to === 1) return;
  for (let index = 0; index < pcm.length; index++) {
    pcm[index] *= from + (to - from) * index / pcm.length;
  }
}

/** Converts to 16-bit samples in little-endian order (ffmpeg's `s16le`). */
export function toS16le(pcm: Pcm): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * pcm.length);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < pcm.length; index++) {
    const value = Math.max(-1, Math.min(1, pcm[index]));
    view.setInt16(2 * index, Math.round(value * 32_767), true);
  }
  return bytes;
}
