/**
 * What must hold of the reader of Ogg, whatever comes.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { MAX_OPUS_MS } from "../../lib/sound/opus.ts";
import { encodeOpusHead } from "../../lib/sound/opus_head.ts";
import { OggReader } from "../../lib/sound/ogg_reader.ts";
import { MAX_OPUS_BYTES } from "../../lib/sound/sound_packet.ts";
import { join } from "../support/jpegs.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A page of Ogg whose body is one packet, or the beginning of one if it fills the segments. */
function page(position: number, packet: Uint8Array): Bytes {
  const full = Math.floor(packet.length / 255);
  const lacing = [...new Array(full).fill(255), packet.length % 255].slice(0, 255);
  const header = new Uint8Array(27);
  header.set(new TextEncoder().encode("OggS"));
  new DataView(header.buffer).setBigInt64(6, BigInt(position), true);
  header[26] = lacing.length;
  return join(header, new Uint8Array(lacing), packet);
}

const PAGES: Bytes[] = [
  page(0, encodeOpusHead({ channels: 1, preSkip: 120 })),
  page(0, new Uint8Array(60)),
  page(480, new Uint8Array(40).fill(0xf0)),
  page(960, new Uint8Array(255).fill(0xf0)),
  page(-1, new Uint8Array(255 * 255).fill(0xf0)),
];

/** What a reader makes of pieces: packets, and the error that ends them. */
function read(pieces: Iterable<Uint8Array>): unknown[] {
  const reader = new OggReader();
  const packets: unknown[] = [];
  try {
    for (const piece of pieces) {
      for (const { data, durationMs, endMs } of reader.push(piece)) {
        assert(data.length <= MAX_OPUS_BYTES && durationMs > 0 && durationMs <= MAX_OPUS_MS);
        assert(Number.isFinite(endMs));
        packets.push([data.toHex(), durationMs, endMs]);
      }
    }
  } catch (error) {
    if (!(error instanceof CamcatError)) throw error;
    packets.push(error.message);
  }
  return packets;
}

/** Ogg, as ffmpeg writes it. */
export const OGG_TARGET: Target = {
  make(random) {
    const some = Array.from({ length: random.below(5) }, () => random.pick(PAGES));
    const bytes = join(PAGES[0], PAGES[1], ...some);
    return random.below(8) === 0 ? bytes : mutate(random, bytes, PAGES);
  },
  check(input, random) {
    // What comes with the piece in which the stream breaks is lost; that is no difference.
    const [whole, pieces] = [read([input]), read(random.pieces(input))];
    if (typeof whole.at(-1) === "string") assertEquals(pieces.at(-1), whole.at(-1));
    else assertEquals(pieces, whole);
    assert(pieces.length <= input.length);
  },
};
