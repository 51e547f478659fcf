/**
 * From what ffmpeg writes to sound packets.
 *
 * @module
 */

import { now } from "../base/clock.ts";
import type { ByteReader } from "../jpeg/split_jpegs.ts";
import { OggReader } from "./ogg_reader.ts";
import { SoundClock } from "./sound_clock.ts";
import type { SoundLevel } from "./sound_level.ts";
import { SoundPacket } from "./sound_packet.ts";

/** The packets in a stream of Ogg, until it ends; whoever publishes them gives them numbers. */
export async function* readSound(
  bytes: ByteReader | AsyncIterable<Uint8Array>,
  level: SoundLevel,
): AsyncGenerator<SoundPacket, void, void> {
  const reader = new OggReader();
  const clock = new SoundClock();
  for await (const chunk of "read" in bytes ? chunksOf(bytes) : bytes) {
    for (const { data, durationMs, endMs } of reader.push(chunk)) {
      const ended = clock.timeOf(endMs, now(), Date.now());
      const time = ended - reader.preSkipMs - durationMs;
      yield new SoundPacket({ seq: 0, time, data, level: level.level });
    }
  }
}

async function* chunksOf(reader: ByteReader): AsyncGenerator<Uint8Array, void, void> {
  const space = new Uint8Array(16 * 1024);
  for (let count; (count = await reader.read(space)) !== null;) yield space.subarray(0, count);
}
