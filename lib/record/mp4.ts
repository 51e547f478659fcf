/**
 * Recordings in fragmented MP4 (ISO/IEC 14496-12, section 8.8).
 *
 * ```text
 * ftyp | moov: no samples, free | prft moof mdat | prft moof mdat | ... | mfra
 *                          |      ------------- a chunk                   at the end
 *                         mehd at the end: the duration
 * ```
 *
 * Times are in 1/90000 s; time 0 is the capture of the first frame. `prft` in each chunk gives the
 * time of day with fractions of a second; `mvhd` has whole seconds only.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { ascii, u16, u32, u64, u8 } from "../sound/big_endian.ts";
import type { Chunk } from "./chunk.ts";
import type { Container, Patch } from "./container.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";

const TICKS_PER_MS = 90;
const TRACK = 1;
/** From 1904 to 1970, in seconds (section 8.2.2.3). */
const MP4_EPOCH_S = 2_082_844_800;
/** From 1900 to 1970, in seconds (RFC 5905 section 6). */
const NTP_EPOCH_S = 2_208_988_800;
/** Fixed-point 1, in matrices and rates. */
const ONE = 0x10000;
/** The unity matrix: no transformation (section 8.2.2.2). */
const MATRIX = u32(ONE, 0, 0, 0, ONE, 0, 0, 0, 0x40000000);
/** Flags of a sample that depends on no other (section 8.8.3.1). */
const KEYFRAME = 0x02000000;
/** The largest duration of one sample. */
const MAX_TICKS = 2 ** 32 - 1;

/** A box (section 4.2). */
function box(type: string, ...content: Uint8Array[]): Bytes {
  const bytes = concat(content);
  return concat([u32(8 + bytes.length), ascii(type), bytes]);
}

/** A box with version and flags. */
function fullBox(type: string, version: number, flags: number, ...content: Uint8Array[]): Bytes {
  return box(type, u32(version * 2 ** 24 + flags), ...content);
}

/** A fragmented MP4 file. */
export class Mp4 implements Container {
  #startMs = 0;
  #endTicks = 0;
  #mehdAt = 0;
  #fragments: { ticks: number; at: number }[] = [];

  header(first: Chunk): Bytes {
    const { timeMs, start, end } = first.frames[0];
    const size = sizeOf(first.bytes.subarray(start, end))!;
    this.#startMs = timeMs;
    const brands = ["iso6", "iso5", "mp41"];
    const ftyp = box("ftyp", ascii(brands[0]), u32(0), ...brands.map(ascii));
    const date = Math.floor(timeMs / 1000) + MP4_EPOCH_S;
    const mvex = box(
      "mvex",
      box("free", mehd(0).subarray(8)),
      fullBox("trex", 0, 0, u32(TRACK, 1, 0, 0, KEYFRAME)),
    );
    const moov = box("moov", movieHeader(date), track(date, size), mvex);
    this.#mehdAt = ftyp.length + moov.length - mvex.length + 8;
    return concat([ftyp, moov]);
  }

  encode({ bytes, frames, endMs }: Chunk): Bytes[] {
    const times = [...frames.map(({ timeMs }) => timeMs), endMs].map((ms) => this.#ticksAt(ms));
    const samples = frames.flatMap(({ start, end }, index) => [
      Math.min(MAX_TICKS, times[index + 1] - times[index]),
      end - start,
    ]);
    const fragment = (dataAt: number) =>
      box(
        "moof",
        fullBox("mfhd", 0, 0, u32(this.#fragments.length + 1)),
        box(
          "traf",
          fullBox("tfhd", 0, 0x020000, u32(TRACK)), // positions are relative to the moof
          fullBox("tfdt", 1, 0, u64(times[0])),
          // Duration and size of each sample.
          fullBox("trun", 0, 0x000301, u32(frames.length, dataAt, ...samples)),
        ),
      );
    const mdat = concat([u32(8 + bytes.length), ascii("mdat")]);
    const moof = fragment(fragment(0).length + mdat.length);
    return [concat([captureTime(frames[0].timeMs, times[0]), moof, mdat]), bytes];
  }

  written({ frames, endMs }: Chunk, at: number): void {
    const { timeMs } = frames[0];
    const moofAt = at + captureTime(timeMs, 0).length;
    this.#fragments.push({ ticks: this.#ticksAt(timeMs), at: moofAt });
    this.#endTicks = this.#ticksAt(endMs);
  }

  index(): Bytes {
    const entries = this.#fragments.flatMap(({ ticks, at }) => [u64(ticks, at), u8(1, 1, 1)]);
    const count = this.#fragments.length;
    const tfra = fullBox("tfra", 1, 0, u32(TRACK, 0, count), concat(entries));
    const mfraBytes = 8 + tfra.length + 16;
    return box("mfra", tfra, fullBox("mfro", 0, 0, u32(mfraBytes)));
  }

  patches(): Patch[] {
    return [{ at: this.#mehdAt, bytes: mehd(this.#endTicks) }];
  }

  #ticksAt(timeMs: number): number {
    return Math.round((timeMs - this.#startMs) * TICKS_PER_MS);
  }
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
  return fullBox("prft", 1, 24, u32(TRACK), ntp, u64(ticks));
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
    u32(TRACK + 1),
  );
}

function track(date: number, { width, height }: { width: number; height: number }): Bytes {
  const isShown = 0x3; // enabled, in the movie
  const header = fullBox(
    "tkhd",
    1,
    isShown,
    ...[u64(date, date), u32(TRACK, 0), u64(0), u32(0, 0), u16(0, 0, 0, 0)],
    ...[MATRIX, u16(width, 0, height, 0)],
  );
  const undetermined = 0x55c4; // the language, "und"
  const media = box(
    "mdia",
    fullBox(
      "mdhd",
      1,
      0,
      ...[u64(date, date), u32(TICKS_PER_MS * 1000), u64(0), u16(undetermined, 0)],
    ),
    fullBox("hdlr", 0, 0, u32(0), ascii("vide"), u32(0, 0, 0), ascii("camcat\0")),
    box(
      "minf",
      fullBox("vmhd", 0, 1, u16(0, 0, 0, 0)),
      box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))), // 1: in this file
      sampleTable(width, height),
    ),
  );
  return box("trak", header, media);
}

/** Describes the pictures; the samples themselves are in the fragments. */
function sampleTable(width: number, height: number): Bytes {
  const dpi = 72 * ONE;
  const entry = box(
    "mp4v",
    ...[u16(0, 0, 0, 1), u16(0, 0), u32(0, 0, 0), u16(width, height), u32(dpi, dpi, 0)],
    ...[u16(1), new Uint8Array(32), u16(24, 0xffff)],
    elementaryStream(),
  );
  return box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), entry),
    ...["stts", "stsc", "stco"].map((type) => fullBox(type, 0, 0, u32(0))),
    fullBox("stsz", 0, 0, u32(0, 0)),
  );
}

/** Declares JPEG (ISO/IEC 14496-14 section 5.6, 14496-1 section 7.2.6). */
function elementaryStream(): Bytes {
  const descriptor = (tag: number, ...content: Uint8Array[]) => {
    const bytes = concat(content);
    return concat([u8(tag, bytes.length), bytes]);
  };
  const jpeg = 0x6c;
  const visual = 4 << 2 | 1;
  const decoder = descriptor(4, u8(jpeg, visual, 0, 0, 0), u32(0, 0));
  return fullBox("esds", 0, 0, descriptor(3, u16(TRACK), u8(0), decoder, descriptor(6, u8(2))));
}
