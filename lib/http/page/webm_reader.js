/**
 * The packets of a live stream of WebM with one track (RFC 9559), as `lib/sound/webm.ts` writes it.
 *
 * @module
 */

/** Elements whose contents are read, without an end: Segment and Cluster. */
const MASTERS = [0x18538067, 0x1f43b675];
const SIMPLE_BLOCK = 0xa3;
/** Before the packet of a block: track, time and flags. */
const BLOCK_HEAD_BYTES = 4;
/** No element that is kept as a whole is longer. */
const MAX_BYTES = 65_536;

/** Takes the stream apart. */
export class WebmReader {
  #rest = new Uint8Array();

  /**
   * Reads the next bytes of the stream.
   *
   * @param {Uint8Array} bytes
   * @returns {Generator<Uint8Array>} the packets that they complete
   */
  *read(bytes) {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    let at = 0;
    for (;;) {
      const id = vint(all, at);
      const size = id && vint(all, at + id.length);
      if (size === undefined) break;
      const start = at + id.length + size.length;
      if (MASTERS.includes(id.value)) {
        at = start;
        continue;
      }
      const count = size.value % 2 ** (7 * size.length);
      if (count > MAX_BYTES) throw new RangeError(`an element of WebM has ${count} bytes`);
      if (start + count > all.length) break;
      if (id.value === SIMPLE_BLOCK) yield all.slice(start + BLOCK_HEAD_BYTES, start + count);
      at = start + count;
    }
    this.#rest = all.slice(at);
  }
}

/**
 * A number of variable length (RFC 8794 section 4): as many zero bits as bytes follow, and a one.
 *
 * @returns {{value: number, length: number} | undefined} `value` has the one, as it is part of ids;
 * undefined if there are too few bytes
 */
function vint(bytes, at) {
  const length = Math.clz32(bytes[at]) - 23;
  if (!(at + length <= bytes.length)) return undefined;
  const value = bytes.subarray(at, at + length).reduce((value, byte) => value * 256 + byte, 0);
  return { value, length };
}
