/**
 * What must hold of sound, whatever packets come.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Libopus } from "../../lib/playback/libopus.ts";
import { isWholeOpus } from "../../lib/playback/opus_frames.ts";
import { OpusDecoder } from "../../lib/playback/opus_decoder.ts";
import { CHANNELS, FRAMES_PER_MS } from "../../lib/playback/pcm.ts";
import { Playout } from "../../lib/playback/playout.ts";
import { SoundPacket } from "../../lib/sound/sound_packet.ts";
import { opusPackets } from "../support/opus.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

const SOURCE = "anoisesrc=duration=0.3:amplitude=0.3";
const PACKETS = (await Promise.all([
  opusPackets(SOURCE),
  opusPackets(SOURCE, { ms: 2.5, channels: 2 }),
  opusPackets(SOURCE, { ms: 60 }),
  opusPackets(SOURCE, { ms: 120, channels: 2 }),
])).flat().map((packet) => Uint8Array.from(packet));
const decoder = await OpusDecoder.load();
const libopus = new Libopus({ channels: CHANNELS });
await libopus.ready;

/** Opus packets, decoded and played. */
export const OPUS_TARGET: Target = {
  make: (random) => mutate(random, random.pick(PACKETS), PACKETS),
  check(input, random) {
    let packet: SoundPacket;
    try {
      packet = new SoundPacket({ seq: 1, time: random.below(1000), data: input });
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
    if (isWholeOpus(input)) assertEquals(libopus.decodeFrame(input).errors, []);
    const pcm = decoder.decode(packet);
    assertEquals(pcm.length, packet.durationMs * FRAMES_PER_MS * CHANNELS);
    assert(!decoder.isBroken, "the decoder is broken");
    const playout = new Playout();
    for (let count = 0; count < 6; count++) {
      playout.put({ pcm, timeMs: packet.time * count, isAfterGap: random.below(2) === 0 });
      const frames = 1 + random.below(3000);
      const taken = playout.take(frames);
      assertEquals(taken.length, frames * CHANNELS);
      assert(taken.every(Number.isFinite), "samples must be numbers");
      assert(playout.levelMs < 400, `${playout.levelMs} ms wait`);
    }
  },
};
