/**
 * What the {@linkcode Ear} itself takes, which is in every time that it tells.
 *
 * @module
 */

import { CHANNELS, FRAMES_PER_MS, silence } from "../lib/playback/pcm.ts";
import { SoundPlayer } from "../lib/playback/sound_player.ts";
import type { Pulse } from "../tests/support/pulse.ts";
import { Ear } from "./sound_ear.ts";
import { pause } from "./system.ts";

const SECONDS = 10;
/** The first clicks, while the player starts, do not count. */
const SETTLE_SECONDS = 3;
const CLICK_EVERY_MS = 700;
const CLICK_FRAMES = 3 * FRAMES_PER_MS;

/**
 * Plays clicks of which PulseAudio says when they are heard: its position, as pacat reports it.
 *
 * @returns how long after that the ear told each of them, in milliseconds
 */
export async function earLateMs(pulse: Pulse): Promise<number[]> {
  Deno.env.set("PULSE_SERVER", pulse.server);
  await using ear = new Ear(pulse);
  await using player = new SoundPlayer("pacat");
  const due: number[] = [];
  const since = performance.now();
  for (let clickAt = since; performance.now() - since < SECONDS * 1000; await pause(5)) {
    const { room, delayMs } = player;
    if (room < 5 * FRAMES_PER_MS) continue;
    const now = performance.now();
    const pcm = silence(room);
    if (now > clickAt) {
      clickAt += CLICK_EVERY_MS;
      for (let index = 0; index < Math.min(CLICK_FRAMES, room) * CHANNELS; index++) {
        pcm[index] = 0.8 * Math.sin(2 * Math.PI * Math.floor(index / CHANNELS) / FRAMES_PER_MS);
      }
      if (now - since > SETTLE_SECONDS * 1000) due.push(now + delayMs);
    }
    player.write(pcm);
  }
  Deno.env.delete("PULSE_SERVER");
  return due.flatMap((time) => {
    const late = ear.clicks.map((at) => at - time).find((ms) => Math.abs(ms) < CLICK_EVERY_MS / 2);
    return late ?? [];
  });
}
