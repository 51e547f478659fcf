/**
 * Draws QR codes on a terminal.
 *
 * @module
 */

import { encode } from "uqr";

/** Light modules around the code. ISO/IEC 18004 requires four; two are enough for cameras. */
const QUIET = 2;

/**
 * Draws a QR code with half blocks, two rows of modules per line. It sets black and white itself,
 * because a terminal's own text may be dark or light.
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
