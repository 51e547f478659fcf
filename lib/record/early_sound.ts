/**
 * Sound that waits for its place in a recording.
 *
 * @module
 */

import type { SoundPacket } from "../sound/sound_packet.ts";
import type { ChunkSound } from "./chunk.ts";
import type { Timeline } from "./timeline.ts";

/** Most packets that wait: some seconds. */
const MAX_PACKETS = 300;

/** Holds sound until the first frame of its file is there, which gives its clock and the start. */
export class EarlySound {
  #packets: SoundPacket[] = [];

  /** Adds a packet; beyond a bound the oldest is dropped. */
  add(packet: SoundPacket): void {
    this.#packets.push(packet);
    if (this.#packets.length > MAX_PACKETS) this.#packets.shift();
  }

  /** Takes all of it from a time on, unless the clock is not known yet. */
  take(timeline: Timeline, fromMs: number): ChunkSound[] {
    if (timeline.timeOfSound(0) === undefined) return [];
    return this.#packets.splice(0).map(({ time, durationMs, data }) => ({
      timeMs: timeline.timeOfSound(time)!,
      durationMs,
      data,
    })).filter(({ timeMs }) => timeMs >= fromMs);
  }

  /** Drops all of it. */
  clear(): void {
    this.#packets = [];
  }
}
