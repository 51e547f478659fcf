/**
 * Files that hold several JPEGs for one picture: stereo pairs, previews, gain maps of "Ultra HDR".
 * The first is the picture. An APP2 segment of it says where the others begin (CIPA DC-007,
 * "Multi-Picture Format").
 *
 * @module
 */

/** "MPF" and a zero, before what looks like a TIFF file. */
const SIGNATURE = [0x4d, 0x50, 0x46, 0];
/** The tag of the list of pictures (CIPA DC-007 section 5.2.3.3). */
const MP_ENTRY = 0xb002;
/** Bytes of an element of that list. */
const ENTRY_BYTES = 16;
/** Pictures looked for at most; real files have two or three. */
const MAX_PICTURES = 16;

/**
 * Where the further pictures of a file begin, in bytes from the first of `parameters`.
 *
 * @param parameters what an APP2 segment holds after its length
 * @returns nothing if the segment is something else or makes no sense
 */
export function furtherPictures(parameters: Uint8Array): number[] {
  const base = SIGNATURE.length;
  if (SIGNATURE.some((byte, index) => parameters[index] !== byte)) return [];
  const view = new DataView(parameters.buffer, parameters.byteOffset, parameters.byteLength);
  const isLittle = parameters[base] === 0x49; // "II", else "MM"
  const has = (at: number, bytes: number) => at >= base && at + bytes <= view.byteLength;
  const uint16 = (at: number) => has(at, 2) ? view.getUint16(at, isLittle) : 0;
  const uint32 = (at: number) => has(at, 4) ? view.getUint32(at, isLittle) : 0;
  const directory = base + uint32(base + 4);
  const fields = Math.min(uint16(directory), 32);
  for (let field = 0; field < fields; field++) {
    const at = directory + 2 + field * 12;
    if (uint16(at) !== MP_ENTRY) continue;
    const count = Math.min(Math.floor(uint32(at + 4) / ENTRY_BYTES), MAX_PICTURES);
    const list = base + uint32(at + 8);
    const offsets = Array.from({ length: count }, (_, n) => uint32(list + n * ENTRY_BYTES + 8));
    return offsets.filter((offset) => offset > 0).map((offset) => base + offset);
  }
  return [];
}
