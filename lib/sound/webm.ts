/**
 * A live stream of WebM with one Opus track (RFC 9559, and the WebM guidelines).
 *
 * ```text
 * EBML | Segment | Info | Tracks | Cluster | SimpleBlock | SimpleBlock | ... | Cluster | ...
 *        unknown                   unknown
 *        size                      size
 * ```
 *
 * A tick is a millisecond. Time 0 is the first packet.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "../jpeg/frame.ts";
import { u16, u8 } from "./big_endian.ts";
import { element, float, id, integer, size, text, UNKNOWN_SIZE } from "./ebml.ts";
import { Id } from "./matroska_ids.ts";
import { isStereo, OPUS_RATE } from "./opus.ts";
import { encodeOpusHead } from "./opus_head.ts";
import type { SoundPacket } from "./sound_packet.ts";

/** The media type of such a stream. */
export const WEBM_TYPE = "audio/webm; codecs=opus";

const TRACK = 1;
const AUDIO = 2;
const NS_PER_MS = 1e6;
const KEYFRAME = 0x80;
/** How long a cluster is, in milliseconds: whoever joins a player may begin with each. */
const CLUSTER_MS = 1000;

/** Writes packets one by one, so that none waits for another. */
export class WebmWriter {
  #nextSeq = 0;
  #timeMs = 0;
  #clusterMs: number | undefined;

  /** The bytes for the next packet, with the header before the first. */
  encode(packet: SoundPacket): Bytes {
    const parts: Uint8Array[] = [];
    if (this.#clusterMs === undefined) parts.push(header(isStereo(packet.data) ? 2 : 1));
    // What was dropped leaves a gap of its length.
    else this.#timeMs += Math.max(0, packet.seq - this.#nextSeq) * packet.durationMs;
    const { seq, data, durationMs } = packet;
    if (this.#clusterMs === undefined || this.#timeMs - this.#clusterMs >= CLUSTER_MS) {
      this.#clusterMs = Math.round(this.#timeMs);
      parts.push(id(Id.Cluster), UNKNOWN_SIZE, integer(Id.Timestamp, this.#clusterMs));
    }
    const relativeMs = Math.round(this.#timeMs) - this.#clusterMs;
    parts.push(id(Id.SimpleBlock), size(4 + data.length, 4));
    parts.push(u8(0x80 | TRACK), u16(relativeMs), u8(KEYFRAME), data);
    this.#nextSeq = seq + 1;
    this.#timeMs += durationMs;
    return concat(parts);
  }
}

function header(channels: number): Bytes {
  const ebml = element(
    Id.EBML,
    text(Id.DocType, "webm"),
    integer(Id.DocTypeVersion, 4),
    integer(Id.DocTypeReadVersion, 2),
  );
  const info = element(
    Id.Info,
    integer(Id.TimestampScale, NS_PER_MS),
    text(Id.MuxingApp, "camcat"),
    text(Id.WritingApp, "camcat"),
  );
  const track = element(
    Id.TrackEntry,
    integer(Id.TrackNumber, TRACK),
    integer(Id.TrackUID, 1),
    integer(Id.TrackType, AUDIO),
    integer(Id.FlagLacing, 0),
    text(Id.CodecID, "A_OPUS"),
    element(Id.CodecPrivate, encodeOpusHead({ channels, preSkip: 0 })),
    element(
      Id.Audio,
      float(Id.SamplingFrequency, OPUS_RATE),
      integer(Id.Channels, channels),
    ),
  );
  return concat([ebml, id(Id.Segment), UNKNOWN_SIZE, info, element(Id.Tracks, track)]);
}
