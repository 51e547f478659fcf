/**
 * QR codes on a terminal.
 *
 * @module
 */

import { encode } from "uqr";

/** Light modules around the code; ISO/IEC 18004 wants four, two are enough for cameras. */
const QUIET = 2;

/**
 * Draws a QR code, two rows of modules in a line of half blocks. Black and white are
 * told by colour: whether a terminal's own text is dark or light cannot be known.
 */
export function qrCode(text: string): string {
  const { data, size } = encode(text, { ecc: "L", border: QUIET });
  let drawing = "";
  for (let y = 0; y < size; y += 2) {
    let line = "";
    for (let x = 0; x < size; x++) {
      const [upper, lower] = [data[y][x], data[y + 1]?.[x] ?? false];
      line += upper ? lower ? "\u2588" : "\u2580" : lower ? "\u2584" : " ";
    }
    drawing += `  \x1b[38;5;16;48;5;231m${line}\x1b[m\n`;
  }
  return drawing;
}
