/**
 * Reads Opus packets from an Ogg stream (RFC 3533, RFC 7845) as ffmpeg writes it.
 *
 * @module
 */

import { CamcatError } from "../base/errors.ts";
import { OPUS_RATE, opusDurationMs } from "./opus.ts";
import { MAX_OPUS_BYTES } from "./sound_packet.ts";

/** Bytes of a page before its segment table (RFC 3533 section 6). */
const HEADER_BYTES = 27;
/** The longest page: header, table, and 255 segments of 255 bytes. */
export const MAX_PAGE_BYTES = HEADER_BYTES + 255 + 255 * 255;
/** The longest packet of comments that is passed over. */
const MAX_TAGS_BYTES = MAX_PAGE_BYTES;
const CAPTURE_PATTERN = [0x4f, 0x67, 0x67, 0x53]; // "OggS"
const PER_MS = OPUS_RATE / 1000;

/** A packet, and when it ends. */
export interface OggPacket {
  /** The Opus packet, in memory of its own. */
  data: Uint8Array;
  /** How long it plays, in milliseconds. */
  durationMs: number;
  /** The source's time of the last sample that went into it, in milliseconds. */
  endMs: number;
}

/** Cuts an Ogg stream of one Opus track into packets. */
export class OggReader {
  /** How much sooner a decoder puts out the first sample than it was put in, in milliseconds. */
  preSkipMs = 0;

  #bytes = new Uint8Array(0);
  /** What a page before ended with, if its last packet goes on. */
  #begun = new Uint8Array(0);
  /** Packets so far: the first two are headers. */
  #packets = 0;

  /**
   * Takes the next bytes, in pieces of any size.
   *
   * @returns the packets of the pages that are complete now
   * @throws {CamcatError} if they are no such stream
   */
  push(bytes: Uint8Array): OggPacket[] {
    this.#bytes = joined(this.#bytes, bytes);
    const packets: OggPacket[] = [];
    for (;;) {
      const page = this.#bytes;
      if (CAPTURE_PATTERN.some((byte, index) => index < page.length && page[index] !== byte)) {
        throw new CamcatError("Cannot read the sound from ffmpeg: a page of Ogg must begin here");
      }
      if (page.length < HEADER_BYTES) return packets;
      const bodyAt = HEADER_BYTES + page[26];
      if (page.length < bodyAt) return packets;
      const segments = page.subarray(HEADER_BYTES, bodyAt);
      const end = segments.reduce((sum, length) => sum + length, bodyAt);
      if (page.length < end) return packets;
      packets.push(...this.#read(page, segments, bodyAt));
      this.#bytes = page.slice(end);
    }
  }

  /** The packets that end in a page. */
  #read(page: Uint8Array, segments: Uint8Array, bodyAt: number): OggPacket[] {
    const ended: { data: Uint8Array; durationMs: number }[] = [];
    let [from, at] = [bodyAt, bodyAt];
    for (const length of segments) {
      at += length;
      const bytes = this.#begun.length + at - from;
      if (bytes > (this.#packets < 2 ? MAX_TAGS_BYTES : MAX_OPUS_BYTES)) {
        throw new CamcatError(`Cannot read the sound from ffmpeg: a packet of ${bytes} bytes`);
      }
      if (length === 255) continue; // it goes on in the next segment
      const data = joined(this.#begun, page.subarray(from, at));
      this.#begun = new Uint8Array(0);
      from = at;
      if (++this.#packets <= 2) this.#readHeader(data);
      else {
        const durationMs = opusDurationMs(data);
        if (durationMs !== undefined) ended.push({ data, durationMs });
      }
    }
    this.#begun = joined(this.#begun, page.subarray(from, at));
    const view = new DataView(page.buffer, page.byteOffset);
    // The position counts samples until the end of the last packet that ends here.
    let endMs = Number(view.getBigInt64(6, true)) / PER_MS;
    const packets = ended.map((packet) => ({ ...packet, endMs: 0 }));
    for (const packet of packets.toReversed()) {
      packet.endMs = endMs;
      endMs -= packet.durationMs;
    }
    return packets;
  }

  #readHeader(data: Uint8Array): void {
    if (this.#packets > 1) return;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    const magic = new TextDecoder("latin1").decode(data.subarray(0, 8));
    if (magic !== "OpusHead" || data.length < 19) {
      throw new CamcatError("Cannot read the sound from ffmpeg: it must be Opus");
    }
    this.preSkipMs = view.getUint16(10, true) / PER_MS;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
