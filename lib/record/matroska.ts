/**
 * Recordings in Matroska (RFC 9559).
 *
 * ```text
 * EBML | Segment | Void     Info             Tracks | Cluster | Cluster | ... | Cues
 *        unknown   |        | Void                    known     known           at the end
 *        size      SeekHead   Duration                size      size
 *        ----- at the end: -----------
 * ```
 *
 * The sound of a cluster comes before its pictures. A tick is a millisecond; time 0 is the capture of the first frame, which `DateUTC` gives.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import { u16, u8 } from "../sound/big_endian.ts";
import type { Chunk } from "./chunk.ts";
import type { Container, Patch } from "./container.ts";
import { element, float, id, integer, size, space, text, UNKNOWN_SIZE } from "../sound/ebml.ts";
import { Id } from "../sound/matroska_ids.ts";
import { OPUS_RATE } from "../sound/opus.ts";
import { encodeOpusHead } from "../sound/opus_head.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { sizeOf } from "../jpeg/markers.ts";
import { VERSION } from "../program/version.ts";

const TRACK = 1;
const SOUND_TRACK = 2;
/** Track types (RFC 9559 section 5.1.4.1.3). */
const [VIDEO, AUDIO] = [1, 2];
/** What a decoder of Opus hears before it is right after seeking (RFC 9559 section 5.1.4.1.29). */
const OPUS_PRE_ROLL_NS = 80e6;
const NS_PER_MS = 1e6;
/** Dates are nanoseconds from 2001 on (RFC 8794 section 7.6). */
const DATE_EPOCH_MS = Date.UTC(2001);
/** SimpleBlock flags: every JPEG is a key frame (RFC 9559 section 10.2). */
const KEYFRAME = 0x80;
const SIZE_BYTES = 8;

/** Bytes before each picture: ID, size in 4 bytes, track, time and flags of its SimpleBlock. */
export const SIMPLE_BLOCK_HEADER_BYTES = 9;

/** A Matroska file. */
export class Matroska implements Container {
  #startMs = 0;
  #endMs = 0;
  #hasSound = false;
  /** Where the content of the Segment begins; positions are relative to it. */
  #contentAt = 0;
  #seekHeadAt = 0;
  #infoAt = 0;
  #tracksAt = 0;
  #durationAt = 0;
  #cues: { timeMs: number; position: number }[] = [];

  header(first: Chunk): Bytes {
    const { timeMs, start, end } = first.frames[0];
    const { width, height } = sizeOf(first.bytes.subarray(start, end))!;
    this.#startMs = timeMs;
    this.#hasSound = first.channels > 0;
    const ebml = element(
      Id.EBML,
      integer(Id.EBMLVersion, 1),
      integer(Id.EBMLReadVersion, 1),
      integer(Id.EBMLMaxIDLength, 4),
      integer(Id.EBMLMaxSizeLength, 8),
      text(Id.DocType, "matroska"),
      integer(Id.DocTypeVersion, 4),
      integer(Id.DocTypeReadVersion, 2),
    );
    const app = `camcat ${VERSION}`;
    const info = element(
      Id.Info,
      space(float(Id.Duration, 0).length),
      integer(Id.TimestampScale, NS_PER_MS),
      element(Id.DateUTC, nanoseconds(timeMs - DATE_EPOCH_MS)),
      text(Id.MuxingApp, app),
      text(Id.WritingApp, app),
    );
    const tracks = element(
      Id.Tracks,
      element(
        Id.TrackEntry,
        integer(Id.TrackNumber, TRACK),
        integer(Id.TrackUID, 1),
        integer(Id.TrackType, VIDEO),
        integer(Id.FlagLacing, 0),
        text(Id.CodecID, "V_MJPEG"),
        element(Id.Video, integer(Id.PixelWidth, width), integer(Id.PixelHeight, height)),
      ),
      ...(this.#hasSound ? [soundTrack(first.channels)] : []),
    );
    const segment = concat([id(Id.Segment), UNKNOWN_SIZE]);
    this.#seekHeadAt = this.#contentAt = ebml.length + segment.length;
    const seekHead = space(this.#seekHead(0, 0, 0).length);
    this.#infoAt = this.#contentAt + seekHead.length;
    this.#tracksAt = this.#infoAt + info.length;
    // Its Void is the first element in Info, after ID and size.
    this.#durationAt = this.#infoAt + element(Id.Info).length;
    return concat([ebml, segment, seekHead, info, tracks]);
  }

  encode({ bytes, frames, sounds, startMs }: Chunk): Bytes[] {
    const clusterMs = this.#ticks(startMs);
    const blockHeader = (track: number, timeMs: number, length: number) => {
      const relativeMs = this.#ticks(timeMs) - clusterMs;
      const block = [u8(0x80 | track), u16(relativeMs), u8(KEYFRAME)];
      return concat([id(Id.SimpleBlock), size(4 + length, 4), ...block]);
    };
    for (const { timeMs, start, end } of frames) {
      bytes.set(blockHeader(TRACK, timeMs, end - start), start - SIMPLE_BLOCK_HEADER_BYTES);
    }
    const soundBlocks = (this.#hasSound ? sounds : []).flatMap(({ timeMs, data }) => [
      blockHeader(SOUND_TRACK, timeMs, data.length),
      data,
    ]);
    const head = concat([integer(Id.Timestamp, clusterMs), ...soundBlocks]);
    const length = size(head.length + bytes.length, SIZE_BYTES);
    return [concat([id(Id.Cluster), length, head]), bytes];
  }

  written({ startMs, endMs }: Chunk, at: number): void {
    this.#cues.push({ timeMs: this.#ticks(startMs), position: at - this.#contentAt });
    this.#endMs = this.#ticks(endMs);
  }

  index(): Bytes {
    const cues = this.#cues.map(({ timeMs, position }) =>
      element(
        Id.CuePoint,
        integer(Id.CueTime, timeMs),
        element(
          Id.CueTrackPositions,
          integer(Id.CueTrack, TRACK),
          integer(Id.CueClusterPosition, position),
        ),
      )
    );
    return element(Id.Cues, concat(cues));
  }

  patches(bytes: number, indexAt: number | undefined): Patch[] {
    const segmentBytes = size(bytes - this.#contentAt, SIZE_BYTES);
    const seekHead = indexAt === undefined
      ? []
      : [{ at: this.#seekHeadAt, bytes: this.#seekHead(this.#infoAt, this.#tracksAt, indexAt) }];
    return [
      ...seekHead,
      { at: this.#durationAt, bytes: float(Id.Duration, this.#endMs) },
      { at: this.#contentAt - SIZE_BYTES, bytes: segmentBytes },
    ];
  }

  #seekHead(infoAt: number, tracksAt: number, cuesAt: number): Bytes {
    const entry = (elementId: number, at: number) =>
      element(
        Id.Seek,
        element(Id.SeekID, id(elementId)),
        integer(Id.SeekPosition, Math.max(0, at - this.#contentAt)),
      );
    const entries = [entry(Id.Info, infoAt), entry(Id.Tracks, tracksAt), entry(Id.Cues, cuesAt)];
    return element(Id.SeekHead, ...entries);
  }

  #ticks(timeMs: number): number {
    return Math.round(timeMs - this.#startMs);
  }
}

/** Describes the sound (RFC 9559 section 5.1.4, and the codec mapping of Opus). */
function soundTrack(channels: number): Bytes {
  return element(
    Id.TrackEntry,
    integer(Id.TrackNumber, SOUND_TRACK),
    integer(Id.TrackUID, SOUND_TRACK),
    integer(Id.TrackType, AUDIO),
    integer(Id.FlagLacing, 0),
    text(Id.CodecID, "A_OPUS"),
    element(Id.CodecPrivate, encodeOpusHead({ channels, preSkip: 0 })),
    integer(Id.SeekPreRoll, OPUS_PRE_ROLL_NS),
    element(
      Id.Audio,
      float(Id.SamplingFrequency, OPUS_RATE),
      integer(Id.Channels, channels),
    ),
  );
}

/** A signed date (RFC 8794 section 7.6), which has more digits than a number. */
function nanoseconds(ms: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(Math.round(ms * 1000)) * 1000n);
  return bytes;
}
