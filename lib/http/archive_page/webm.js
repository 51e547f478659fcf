/**
 * Opus as WebM (RFC 9559, and the WebM guidelines), as browsers take it.
 *
 * @module
 */

const [EBML, DOC_TYPE] = [0x1a45dfa3, 0x4282];
const [SEGMENT, INFO, TIMESTAMP_SCALE, TRACKS, TRACK_ENTRY] = [
  ...[0x18538067, 0x1549a966, 0x2ad7b1, 0x1654ae6b, 0xae],
];
const [TRACK_NUMBER, TRACK_UID, TRACK_TYPE, CODEC_ID, CODEC_PRIVATE, AUDIO, RATE, CHANNELS] = [
  ...[0xd7, 0x73c5, 0x83, 0x86, 0x63a2, 0xe1, 0xb5, 0x9f],
];
const [CLUSTER, TIMESTAMP, SIMPLE_BLOCK] = [0x1f43b675, 0xe7, 0xa3];
/** All bits set: ends with the stream (RFC 8794 section 6.2). */
const UNKNOWN_SIZE = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
/** 48 kHz as a number of four bytes of IEEE 754, which all Opus is decoded to. */
const HZ_48000 = [0x47, 0x3b, 0x80, 0x00];
const NS_PER_MS = 1_000_000;
const SOUND = 2;
const TRACK = 1;
const KEYFRAME = 0x80;

const ascii = (text) => Array.from(text, (letter) => letter.charCodeAt(0));

/** Everything before the first cluster. @param {Uint8Array} packet of Opus: tells the channels */
export function webmHead(packet) {
  // The third bit of the first byte (RFC 6716 section 3.1).
  const channels = packet[0] & 0x04 ? 2 : 1;
  // Version, channels, no pre-skip, 48 kHz, no gain, mapping 0 (RFC 7845 section 5.1).
  const opusHead = [...ascii("OpusHead"), 1, channels, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0];
  return Uint8Array.from([
    ...element(EBML, element(DOC_TYPE, ascii("webm"))),
    ...bytesOf(SEGMENT),
    ...UNKNOWN_SIZE,
    ...element(INFO, element(TIMESTAMP_SCALE, bytesOf(NS_PER_MS))),
    ...element(
      TRACKS,
      element(
        TRACK_ENTRY,
        element(TRACK_NUMBER, [TRACK]),
        element(TRACK_UID, [TRACK]),
        element(TRACK_TYPE, [SOUND]),
        element(CODEC_ID, ascii("A_OPUS")),
        element(CODEC_PRIVATE, opusHead),
        element(AUDIO, element(RATE, HZ_48000), element(CHANNELS, [channels])),
      ),
    ),
  ]);
}

/** Packets as a cluster. @param {{ms: number, opus: Uint8Array}[]} packets at least one, in order */
export function webmCluster(packets) {
  const start = packets[0].ms;
  const blocks = packets.flatMap(({ ms, opus }) => {
    const time = ms - start;
    return element(SIMPLE_BLOCK, [0x80 | TRACK, time >> 8, time & 0xff, KEYFRAME], opus);
  });
  return Uint8Array.from(element(CLUSTER, element(TIMESTAMP, bytesOf(start)), blocks));
}

/** An element with its content. */
function element(id, ...parts) {
  const content = parts.flatMap((part) => [...part]);
  const { length } = content;
  // A size of four bytes (RFC 8794 section 4).
  return [...bytesOf(id), 0x10 | length >> 24, ...bytesOf(length, 3), ...content];
}

/** An unsigned number, the highest byte first. */
function bytesOf(number, count = number < 1 ? 1 : Math.ceil(Math.log2(number + 1) / 8)) {
  return Array.from(
    { length: count },
    (_, at) => Math.floor(number / 256 ** (count - 1 - at)) & 0xff,
  );
}
