/**
 * Recordings in fragmented MP4 (ISO/IEC 14496-12, section 8.8).
 *
 * ```text
 * ftyp | moov: no samples, free | prft moof mdat | prft moof mdat | ... | mfra
 *                          |      ------------- a chunk                   at the end
 *                         mehd at the end: the duration
 * ```
 *
 * Times of pictures are in 1/90000 s, those of sound in 1/48000 s; time 0 is the capture of the first frame. `prft` in each chunk gives the
 * time of day with fractions of a second; `mvhd` has whole seconds only.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { ascii, u16, u32, u64, u8 } from "../sound/big_endian.ts";
import {
  box,
  fullBox,
  MATRIX,
  ONE,
  SOUND_TICKS_PER_MS,
  SOUND_TRACK,
  TICKS_PER_MS,
  VIDEO_TRACK,
} from "./mp4_boxes.ts";
import { soundTrack, videoTrack } from "./mp4_tracks.ts";
import type { Chunk } from "./chunk.ts";
import type { Container, Patch } from "./container.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";

/** From 1904 to 1970, in seconds (section 8.2.2.3). */
const MP4_EPOCH_S = 2_082_844_800;
/** From 1900 to 1970, in seconds (RFC 5905 section 6). */
const NTP_EPOCH_S = 2_208_988_800;
/** Flags of a sample that depends on no other (section 8.8.3.1). */
const KEYFRAME = 0x02000000;
/** The largest duration of one sample. */
const MAX_TICKS = 2 ** 32 - 1;

/** A fragmented MP4 file. */
export class Mp4 implements Container {
  #startMs = 0;
  #hasSound = false;
  #chunks = 0;
  #endTicks = 0;
  #mehdAt = 0;
  #fragments: { ticks: number; at: number }[] = [];

  header(first: Chunk): Bytes {
    const { timeMs, start, end } = first.frames[0];
    const size = sizeOf(first.bytes.subarray(start, end))!;
    this.#startMs = timeMs;
    this.#hasSound = first.channels > 0;
    const brands = ["iso6", "iso5", "mp41"];
    const ftyp = box("ftyp", ascii(brands[0]), u32(0), ...brands.map(ascii));
    const date = Math.floor(timeMs / 1000) + MP4_EPOCH_S;
    const defaults = (track: number) => fullBox("trex", 0, 0, u32(track, 1, 0, 0, KEYFRAME));
    const tracks = [VIDEO_TRACK, ...(this.#hasSound ? [SOUND_TRACK] : [])].map(defaults);
    const mvex = box("mvex", box("free", mehd(0).subarray(8)), ...tracks);
    const sound = this.#hasSound ? [soundTrack(date, first.channels)] : [];
    const moov = box("moov", movieHeader(date), videoTrack(date, size), ...sound, mvex);
    this.#mehdAt = ftyp.length + moov.length - mvex.length + 8;
    return concat([ftyp, moov]);
  }

  encode({ bytes, frames, startMs, endMs, ...chunk }: Chunk): Bytes[] {
    const sounds = this.#hasSound ? chunk.sounds : [];
    const ends = frames.map((_, index) => frames[index + 1]?.timeMs ?? endMs);
    const pictures: Sample[] = frames.map(({ timeMs, start, end }, index) => ({
      ticks: this.#ticksAt(timeMs),
      duration: Math.min(MAX_TICKS, this.#ticksAt(ends[index]) - this.#ticksAt(timeMs)),
      bytes: end - start,
    }));
    const packets: Sample[] = sounds.map(({ timeMs, durationMs, data }, index) => {
      const ticks = this.#ticksAt(timeMs, SOUND_TICKS_PER_MS);
      const endAt = sounds[index + 1]?.timeMs ?? timeMs + durationMs;
      const duration = this.#ticksAt(endAt, SOUND_TICKS_PER_MS) - ticks;
      return { ticks, duration, bytes: data.length };
    });
    const sound = concat(sounds.map(({ data }) => data));
    const fragment = (dataAt: number) =>
      box(
        "moof",
        fullBox("mfhd", 0, 0, u32(this.#chunks + 1)),
        ...trackFragment(VIDEO_TRACK, pictures, dataAt),
        ...trackFragment(SOUND_TRACK, packets, dataAt + bytes.length),
      );
    const mdat = concat([u32(8 + bytes.length + sound.length), ascii("mdat")]);
    const moof = fragment(fragment(0).length + mdat.length);
    return [concat([captureTime(startMs, this.#ticksAt(startMs)), moof, mdat]), bytes, sound];
  }

  written({ frames, startMs, endMs }: Chunk, at: number): void {
    const moofAt = at + captureTime(startMs, 0).length;
    this.#chunks++;
    if (frames.length > 0) this.#fragments.push({ ticks: this.#ticksAt(startMs), at: moofAt });
    this.#endTicks = this.#ticksAt(endMs);
  }

  index(): Bytes {
    const entries = this.#fragments.flatMap(({ ticks, at }) => [u64(ticks, at), u8(1, 1, 1)]);
    const count = this.#fragments.length;
    const tfra = fullBox("tfra", 1, 0, u32(VIDEO_TRACK, 0, count), concat(entries));
    const mfraBytes = 8 + tfra.length + 16;
    return box("mfra", tfra, fullBox("mfro", 0, 0, u32(mfraBytes)));
  }

  patches(): Patch[] {
    return [{ at: this.#mehdAt, bytes: mehd(this.#endTicks) }];
  }

  #ticksAt(timeMs: number, perMs = TICKS_PER_MS): number {
    return Math.round((timeMs - this.#startMs) * perMs);
  }
}

/** A picture or a packet of sound. */
interface Sample {
  ticks: number;
  duration: number;
  bytes: number;
}

/** Samples of a track, one after another from a position on, relative to the moof. */
function trackFragment(track: number, samples: Sample[], dataAt: number): Bytes[] {
  if (samples.length === 0) return [];
  const fields = samples.flatMap(({ duration, bytes }) => [duration, bytes]);
  const traf = box(
    "traf",
    fullBox("tfhd", 0, 0x020000, u32(track)), // positions are relative to the moof
    fullBox("tfdt", 1, 0, u64(samples[0].ticks)),
    // Duration and size of each sample.
    fullBox("trun", 0, 0x000301, u32(samples.length, dataAt, ...fields)),
  );
  return [traf];
}

/** The duration of all fragments (section 8.8.2). */
function mehd(ticks: number): Bytes {
  return fullBox("mehd", 1, 0, u64(ticks));
}

/** The time of capture of the following fragment (section 8.16.5). */
function captureTime(timeMs: number, ticks: number): Bytes {
  const seconds = Math.floor(timeMs / 1000);
  const fraction = Math.floor((timeMs / 1000 - seconds) * 2 ** 32);
  const ntp = u32(seconds + NTP_EPOCH_S, fraction);
  return fullBox("prft", 1, 24, u32(VIDEO_TRACK), ntp, u64(ticks));
}

function movieHeader(date: number): Bytes {
  const times = [u64(date, date), u32(TICKS_PER_MS * 1000), u64(0)];
  const rateAndVolume = [u32(ONE), u16(0x0100, 0), u32(0, 0)];
  return fullBox(
    "mvhd",
    1,
    0,
    ...times,
    ...rateAndVolume,
    MATRIX,
    u32(0, 0, 0, 0, 0, 0),
    u32(SOUND_TRACK + 1),
  );
}
