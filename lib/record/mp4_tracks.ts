/**
 * What an MP4 file says of its tracks before the first sample.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Size } from "../base/size.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { ascii, u16, u32, u64, u8 } from "../sound/big_endian.ts";
import { OPUS_RATE } from "../sound/opus.ts";
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

/** The pictures. @param date in seconds since 1904 */
export function videoTrack(date: number, { width, height }: Required<Size>): Bytes {
  const header = trackHeader(date, { track: VIDEO_TRACK, volume: 0, width, height });
  const media = { handler: "vide", ticksPerMs: TICKS_PER_MS, entry: jpegEntry(width, height) };
  return box("trak", header, mediaBox(date, media, fullBox("vmhd", 0, 1, u16(0, 0, 0, 0))));
}

/** The sound. @param date in seconds since 1904 */
export function soundTrack(date: number, channels: number): Bytes {
  const header = trackHeader(date, { track: SOUND_TRACK, volume: 0x0100, width: 0, height: 0 });
  const media = { handler: "soun", ticksPerMs: SOUND_TICKS_PER_MS, entry: opusEntry(channels) };
  return box("trak", header, mediaBox(date, media, fullBox("smhd", 0, 0, u16(0, 0))));
}

function trackHeader(
  date: number,
  { track, volume, width, height }: Required<Size> & { track: number; volume: number },
): Bytes {
  const isShown = 0x3; // enabled, in the movie
  return fullBox(
    "tkhd",
    1,
    isShown,
    ...[u64(date, date), u32(track, 0), u64(0), u32(0, 0), u16(0, 0, volume, 0)],
    ...[MATRIX, u16(width, 0, height, 0)],
  );
}

function mediaBox(
  date: number,
  { handler, ticksPerMs, entry }: { handler: string; ticksPerMs: number; entry: Bytes },
  mediaHeader: Bytes,
): Bytes {
  const undetermined = 0x55c4; // the language, "und"
  const header = [u64(date, date), u32(ticksPerMs * 1000), u64(0), u16(undetermined, 0)];
  return box(
    "mdia",
    fullBox("mdhd", 1, 0, ...header),
    fullBox("hdlr", 0, 0, u32(0), ascii(handler), u32(0, 0, 0), ascii("camcat\0")),
    box(
      "minf",
      mediaHeader,
      box("dinf", fullBox("dref", 0, 0, u32(1), fullBox("url ", 0, 1))), // 1: in this file
      sampleTable(entry),
    ),
  );
}

/** Describes the samples; they themselves are in the fragments. */
function sampleTable(entry: Bytes): Bytes {
  return box(
    "stbl",
    fullBox("stsd", 0, 0, u32(1), entry),
    ...["stts", "stsc", "stco"].map((type) => fullBox(type, 0, 0, u32(0))),
    fullBox("stsz", 0, 0, u32(0, 0)),
  );
}

function jpegEntry(width: number, height: number): Bytes {
  const dpi = 72 * ONE;
  return box(
    "mp4v",
    ...[u16(0, 0, 0, 1), u16(0, 0), u32(0, 0, 0), u16(width, height), u32(dpi, dpi, 0)],
    ...[u16(1), new Uint8Array(32), u16(24, 0xffff)],
    elementaryStream(),
  );
}

/** Declares Opus (Encapsulation of Opus in ISO Base Media File Format, sections 4.3.1 and 4.3.2). */
function opusEntry(channels: number): Bytes {
  const [version, preSkip, gain, mappingFamily] = [0, 0, 0, 0];
  const dOps = [u8(version, channels), u16(preSkip), u32(OPUS_RATE), u16(gain), u8(mappingFamily)];
  return box(
    "Opus",
    ...[u16(0, 0, 0, 1), u32(0, 0), u16(channels, 16, 0, 0), u32(OPUS_RATE * ONE)],
    box("dOps", ...dOps),
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
  return fullBox(
    "esds",
    0,
    0,
    descriptor(3, u16(VIDEO_TRACK), u8(0), decoder, descriptor(6, u8(2))),
  );
}
