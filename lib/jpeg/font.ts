/**
 * Letters, for pictures that are made and not captured.
 *
 * @module
 */

import type { GreyPicture } from "./grey_jpeg.ts";

/** From one letter to the next, in pixels of the font: five columns and a gap. */
export const LETTER_WIDTH = 5 + 1;
/** From one line to the next, in pixels of the font: seven rows and a gap. */
export const LINE_HEIGHT = 7 + 3;

/**
 * The characters from space to underscore: five columns each, a byte in
 * hexadecimal digits, its lowest bit on top.
 */
const FONT = "0000000000 00005f0000 0007000700 147f147f14 242a7f2a12 2313086462 3649552250 " +
  "0005030000 001c224100 0041221c00 14083e0814 08083e0808 0050300000 0808080808 0060600000 " +
  "2010080402 3e5149453e 00427f4000 4261514946 2141454b31 1814127f10 2745454539 3c4a494930 " +
  "0171090503 3649494936 064949291e 0036360000 0056360000 0814224100 1414141414 0041221408 " +
  "0201510906 324979413e 7e1111117e 7f49494936 3e41414122 7f4141221c 7f49494941 7f09090901 " +
  "3e4149497a 7f0808087f 00417f4100 2040413f01 7f08142241 7f40404040 7f020c027f 7f0408107f " +
  "3e4141413e 7f09090906 3e4151215e 7f09192946 4649494931 01017f0101 3f4040403f 1f2040201f " +
  "3f4038403f 6314081463 0708700807 6151494543 007f414100 0204081020 0041417f00 0402010204 " +
  "4040404040";
const GLYPHS = FONT.split(" ").map((digits) => Uint8Array.fromHex(digits));
const FIRST_CHARACTER = 0x20;

/** Where and how to draw text. */
export interface TextStyle {
  /** Left edge, in pixels of the picture. */
  x: number;
  /** Upper edge, in pixels of the picture. */
  y: number;
  /** Pixels of the picture for one of the font, each way. */
  scale: number;
  /** 0 black to 255 white. */
  grey: number;
}

/** What the font has for a text: capitals without their accents, and `?` for what is not ASCII. */
export function capitals(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase().replace(/[^ -_]/gu, "?");
}

/** Draws a line of {@linkcode capitals}; what lies outside of the picture is left out. */
export function drawText(
  { width, height, pixels }: GreyPicture,
  text: string,
  { x: left, y: top, scale, grey }: TextStyle,
): void {
  for (let index = 0; index < text.length; index++) {
    const glyph = GLYPHS[text.charCodeAt(index) - FIRST_CHARACTER];
    for (let column = 0; column < glyph.length; column++) {
      const x = left + (index * LETTER_WIDTH + column) * scale;
      for (let row = 0; row < 7; row++) {
        if ((glyph[column] >> row & 1) === 0) continue;
        const endX = Math.min(width, x + scale);
        const endY = Math.min(height, top + (row + 1) * scale);
        for (let y = top + row * scale; y < endY && x < endX; y++) {
          pixels.fill(grey, y * width + x, y * width + endX);
        }
      }
    }
  }
}
