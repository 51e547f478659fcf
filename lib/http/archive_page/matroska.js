/**
 * Takes pictures and sound out of clusters of our own Matroska recordings (RFC 9559).
 *
 * @module
 */

const SIMPLE_BLOCK = 0xa3;
const [VIDEO_TRACK, SOUND_TRACK] = [0x81, 0x82];
/** Track, time and flags of a SimpleBlock. */
const BLOCK_HEAD_BYTES = 4;

/**
 * What is in a whole cluster.
 *
 * @param {Uint8Array} cluster
 * @param {number} ms the time of the cluster, after the start of the recording
 * @returns {{
 *   pictures: {ms: number, jpeg: Uint8Array}[],
 *   sounds: {ms: number, opus: Uint8Array}[],
 * }}
 */
export function blocksIn(cluster, ms) {
  const [pictures, sounds] = [[], []];
  const view = new DataView(cluster.buffer, cluster.byteOffset, cluster.byteLength);
  for (let at = elementAt(cluster, 0).from; at < cluster.length;) {
    const { id, from, to } = elementAt(cluster, at);
    if (to > cluster.length) break;
    if (id === SIMPLE_BLOCK) {
      const time = ms + view.getInt16(from + 1);
      const content = cluster.subarray(from + BLOCK_HEAD_BYTES, to);
      if (cluster[from] === VIDEO_TRACK) pictures.push({ ms: time, jpeg: content });
      else if (cluster[from] === SOUND_TRACK) sounds.push({ ms: time, opus: content });
    }
    at = to;
  }
  return { pictures, sounds };
}

/** An element: its ID, and where its content begins and ends. */
function elementAt(bytes, at) {
  const idBytes = Math.clz32(bytes[at]) - 23;
  const sizeBytes = Math.clz32(bytes[at + idBytes]) - 23;
  const from = at + idBytes + sizeBytes;
  const number = (start, end) =>
    bytes.subarray(start, end).reduce((sum, byte) => sum * 256 + byte, 0);
  // The first bit that is set tells the length (RFC 8794 section 4).
  const first = bytes[at + idBytes] & (0xff >> sizeBytes);
  const size = first * 256 ** (sizeBytes - 1) + number(at + idBytes + 1, from);
  return { id: number(at, at + idBytes), from, to: from + size };
}
