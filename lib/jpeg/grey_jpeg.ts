/**
 * A small JPEG encoder, for pictures that are made and not captured.
 *
 * @module
 */

// @ts-types="../std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Bytes } from "./frame.ts";
import { HUFFMAN_TABLES, type HuffmanTable, LUMINANCE_AC, LUMINANCE_DC } from "./huffman.ts";
import { Marker } from "./markers.ts";

/** A picture without colours. */
export interface GreyPicture {
  /** In pixels, 1 to 65535. */
  width: number;
  /** In pixels, 1 to 65535. */
  height: number;
  /** Row by row, 0 black to 255 white. */
  pixels: Uint8Array;
}

/** Every coefficient is divided by this; small enough for sharp edges of text. */
const QUANTIZER = 16;

/** The order in which the coefficients of a block are written (ITU-T T.81 figure A.6). */
// deno-fmt-ignore
const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
  12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
  58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/** Cosines of the transform, by frequency and place (T.81 section A.3.3). */
const COSINES = Array.from({ length: 8 }, (_, frequency) => {
  const scale = frequency === 0 ? Math.SQRT1_2 / 2 : 1 / 2;
  const angle = (place: number) => (2 * place + 1) * frequency * Math.PI / 16;
  return Array.from({ length: 8 }, (_, place) => scale * Math.cos(angle(place)));
});

/** Codes with their lengths in bits, by value (T.81 annex C). */
type Codes = { code: number; length: number }[];

const DC = codesOf(LUMINANCE_DC);
const AC = codesOf(LUMINANCE_AC);
/** No coefficient but zeros follows in this block. */
const END_OF_BLOCK = 0x00;
/** Sixteen zeros. */
const SIXTEEN_ZEROS = 0xf0;

/** Encodes a picture as baseline JPEG of one component (T.81 annexes B and F). */
export function encodeGrey(picture: GreyPicture): Bytes {
  const { width, height } = picture;
  const bits = new BitWriter();
  const block = new Float32Array(64);
  let lastDc = 0;
  for (let y = 0; y < height; y += 8) {
    for (let x = 0; x < width; x += 8) {
      const isFlat = readBlock(picture, x, y, block);
      if (!isFlat) transform(block);
      const dc = Math.round((isFlat ? 8 * block[0] : block[0]) / QUANTIZER);
      putNumber(bits, DC, 0, dc - lastDc);
      lastDc = dc;
      let zeros = isFlat ? 63 : 0;
      for (let index = 1; index < 64 && !isFlat; index++) {
        const value = Math.round(block[ZIGZAG[index]] / QUANTIZER);
        if (value === 0) {
          zeros++;
          continue;
        }
        for (; zeros > 15; zeros -= 16) putCode(bits, AC[SIXTEEN_ZEROS]);
        putNumber(bits, AC, zeros << 4, value);
        zeros = 0;
      }
      if (zeros > 0) putCode(bits, AC[END_OF_BLOCK]);
    }
  }
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return concat([
    Uint8Array.of(0xff, Marker.SOI),
    segment(Marker.DQT, 0, ...Array(64).fill(QUANTIZER)),
    segment(Marker.SOF0, 8, ...size, 1, 1, 0x11, 0),
    HUFFMAN_TABLES,
    segment(Marker.SOS, 1, 1, 0x00, 0, 63, 0),
    bits.end(),
    Uint8Array.of(0xff, Marker.EOI),
  ]);
}

/**
 * Reads 64 pixels, less the level shift of 128; those beyond the edges repeat the last ones.
 *
 * @returns whether they are all the same
 */
function readBlock(
  { width, height, pixels }: GreyPicture,
  left: number,
  top: number,
  block: Float32Array,
): boolean {
  const first = pixels[top * width + left] - 128;
  let isFlat = true;
  for (let index = 0; index < 64; index++) {
    const x = Math.min(left + (index & 7), width - 1);
    const y = Math.min(top + (index >> 3), height - 1);
    block[index] = pixels[y * width + x] - 128;
    isFlat &&= block[index] === first;
  }
  return isFlat;
}

/** The discrete cosine transform, in place: first each row, then each column. */
function transform(block: Float32Array): void {
  const line = new Float32Array(8);
  for (const [step, next] of [[1, 8], [8, 1]]) {
    for (let start = 0; start < 8 * next; start += next) {
      for (let place = 0; place < 8; place++) {
        line[place] = block[start + place * step];
      }
      for (let frequency = 0; frequency < 8; frequency++) {
        const cosines = COSINES[frequency];
        let sum = 0;
        for (let place = 0; place < 8; place++) sum += cosines[place] * line[place];
        block[start + frequency * step] = sum;
      }
    }
  }
}

/** Writes a number: the code of its length and of the zeros before it, then its bits (T.81 F.1.2). */
function putNumber(bits: BitWriter, codes: Codes, zeros: number, value: number): void {
  const length = 32 - Math.clz32(Math.abs(value));
  putCode(bits, codes[zeros | length]);
  bits.put(value < 0 ? value + (1 << length) - 1 : value, length);
}

function putCode(bits: BitWriter, { code, length }: Codes[number]): void {
  bits.put(code, length);
}

function codesOf({ counts, values }: HuffmanTable): Codes {
  const codes: Codes = [];
  let code = 0;
  let at = 0;
  counts.forEach((count, index) => {
    for (let left = count; left > 0; left--) {
      codes[values[at++]] = { code: code++, length: index + 1 };
    }
    code <<= 1;
  });
  return codes;
}

function segment(code: number, ...content: number[]): Uint8Array {
  const length = 2 + content.length;
  return Uint8Array.of(0xff, code, length >> 8, length & 0xff, ...content);
}

/** Entropy-coded data, an FF in it followed by 00 (T.81 section B.1.1.5). */
class BitWriter {
  #bytes: number[] = [];
  #pending = 0;
  #count = 0;

  /** Writes `value`, of at most 16 bits. */
  put(value: number, length: number): void {
    this.#pending = this.#pending << length | value;
    this.#count += length;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = this.#pending >> this.#count & 0xff;
      this.#bytes.push(byte);
      if (byte === 0xff) this.#bytes.push(0);
    }
    this.#pending &= (1 << this.#count) - 1;
  }

  /** All bytes, the last one filled up with ones. */
  end(): Uint8Array {
    if (this.#count > 0) this.put((1 << (8 - this.#count)) - 1, 8 - this.#count);
    return Uint8Array.from(this.#bytes);
  }
}
