/**
 * The arguments with which ffmpeg writes sound for us.
 *
 * @module
 */

import { OPUS_RATE } from "./opus.ts";
import { METER } from "./sound_level.ts";

/** Bits per second: speech without audible loss, and music that is good enough. */
const BIT_RATE = { 1: "48k", 2: "64k" } as const;

/** One channel, or two for stereo. */
export type Channels = 1 | 2;

/**
 * Opus in Ogg, with the least delay. With packets of 10 ms ffmpeg writes each as soon as its last
 * sample is there; packets of 20 ms would cost 10 ms more from mouth to ear, and save 36 kbit/s of
 * headers. `lowdelay` looks 2.5 ms ahead instead of 6.5 (ffmpeg-codecs manual, libopus).
 *
 * @param input ffmpeg's name of the stream: `0:a:0`
 * @param output where to write it
 */
export function opusOutput(input: string, channels: Channels, output: string): string[] {
  const layout = channels === 1 ? "mono" : "stereo";
  const graph = `[${input}]aresample=${OPUS_RATE},aformat=channel_layouts=${layout},` +
    `asplit[sound][meter];[meter]${METER}`;
  return [
    ...["-filter_complex", graph, "-map", "[sound]"],
    ...["-c:a", "libopus", "-b:a", BIT_RATE[channels], "-frame_duration", "10"],
    ...["-application", "lowdelay"],
    ...["-flush_packets", "1", "-f", "ogg", "-page_duration", "1", "-y", output],
  ];
}
