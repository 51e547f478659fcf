/**
 * The sound of a call that comes in.
 *
 * @module
 */

import { aborted } from "../base/abort.ts";
import { CamcatError } from "../base/errors.ts";
import { CHANNELS, FRAMES_PER_MS, type Pcm } from "../playback/pcm.ts";
import { SoundPlayer, soundPlayers } from "../playback/sound_player.ts";
import { stderr } from "../program/stdio.ts";

/** How often the player is given samples. */
const TICK_MS = 10;
/** Two notes, in hertz, that take turns while it rings. */
const NOTES_HZ = [660, 880];
const NOTE_MS = 200;
/** It rings, and is silent, for so long. */
const [ON_MS, PERIOD_MS] = [1200, 3000];
const VOLUME = 0.2;

/** Rings until `signal` is aborted: by the sound card, and by the terminal's bell. Never throws. */
export async function ring(signal: AbortSignal, onLine: (line: string) => void): Promise<void> {
  if (Deno.stderr.isTerminal()) stderr.write("\x07");
  for (const name of soundPlayers()) {
    if (signal.aborted) return;
    try {
      await using player = new SoundPlayer(name, { onLine });
      let frame = 0;
      const timer = setInterval(() => {
        const { room } = player;
        if (room < TICK_MS * FRAMES_PER_MS) return;
        player.write(ringing(frame, room));
        frame += room;
      }, TICK_MS);
      await Promise.race([player.ended, aborted(signal)]);
      clearInterval(timer);
    } catch (error) {
      if (!(error instanceof CamcatError)) throw error;
      onLine(error.message);
    }
  }
}

/** The samples from one on. */
export function ringing(from: number, frames: number): Pcm {
  const pcm: Pcm = new Float32Array(frames * CHANNELS);
  for (let index = 0; index < frames; index++) {
    const ms = (from + index) / FRAMES_PER_MS;
    const inPeriod = ms % PERIOD_MS;
    if (inPeriod >= ON_MS) continue;
    const hertz = NOTES_HZ[Math.floor(inPeriod / NOTE_MS) % NOTES_HZ.length];
    const inNote = inPeriod % NOTE_MS;
    const fade = Math.min(1, inNote / 5, (NOTE_MS - inNote) / 5); // without clicks
    const sample = VOLUME * fade * Math.sin(2 * Math.PI * hertz * ms / 1000);
    pcm.fill(sample, index * CHANNELS, (index + 1) * CHANNELS);
  }
  return pcm;
}
