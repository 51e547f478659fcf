/**
 * How loud a sound is, as ffmpeg measures it.
 *
 * @module
 */

import { SILENCE } from "./sound_packet.ts";

/** Samples that one measurement takes: 50 ms at 48 kHz. */
const SAMPLES = 2400;
const KEY = "lavfi.astats.Overall.RMS_level";

/** Filters that print the level of what passes, and end it (ffmpeg-filters manual, astats, ametadata). */
export const METER = [
  `asetnsamples=${SAMPLES}`,
  "astats=metadata=1:reset=1:measure_overall=RMS_level:measure_perchannel=none",
  `ametadata=print:key=${KEY}`,
  "anullsink",
].join(",");

/** Follows the level in the lines that ffmpeg prints. */
export class SoundLevel {
  /** Decibels below the loudest possible: 0 to 127, which is silence. */
  level = SILENCE;

  /** Reads a line. @returns whether it was about the level, and nothing else */
  take(line: string): boolean {
    if (!line.includes("_ametadata_")) return false;
    const [, db] = /RMS_level=(-?[\d.]+|-?inf|-?nan)$/.exec(line) ?? [];
    if (db !== undefined) this.level = levelOf(Number(db));
    return true;
  }
}

/** A level of RFC 6464 from decibels of full scale; NaN stands for infinity. */
function levelOf(db: number): number {
  return Number.isNaN(db) ? SILENCE : Math.max(0, Math.min(SILENCE, Math.round(-db)));
}
