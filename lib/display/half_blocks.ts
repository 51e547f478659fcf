/**
 * Pictures drawn with half-block characters, two pixels each.
 *
 * @module
 */

import type { Size } from "../base/size.ts";

/** The colours of a terminal: 24-bit RGB, or the 256 of xterm. */
export type Colors = "true" | 256;

/** 24-bit colours that differ by at most this in each component count as the same: noise costs bytes. */
export const TOLERANCE = 4;

const UPPER_HALF = "\u2580";
/** The colour of a cell that was never drawn. */
const UNKNOWN = -1;

/**
 * Draws pictures on a terminal with half blocks: the upper half of a cell has the foreground
 * colour, the lower half the background colour. Only cells that differ from the previous picture
 * are drawn (control sequences: ECMA-48; colours: ISO 8613-6).
 */
export class HalfBlocks {
  #columns: number;
  #rows: number;
  #colors: Colors;
  /** The upper and the lower colour of each cell, as they are on the terminal. */
  #drawn: Int32Array;

  /** Draws on a part of the terminal that begins in its upper left corner, with unknown content. */
  constructor({ columns, rows }: { columns: number; rows: number }, colors: Colors) {
    this.#columns = columns;
    this.#rows = rows;
    this.#colors = colors;
    this.#drawn = new Int32Array(columns * rows * 2).fill(UNKNOWN);
  }

  /** Size of the pictures, in pixels. */
  get size(): Required<Size> {
    return { width: this.#columns, height: this.#rows * 2 };
  }

  /**
   * Returns the text that makes the terminal show a picture; empty if it already does.
   *
   * @param picture in ffmpeg's `rgb24`
   */
  draw(picture: Uint8Array): string {
    const drawn = this.#drawn;
    const colorAt = this.#colors === "true" ? trueColorAt : nearestColorAt;
    const isSame = this.#colors === "true" ? isNear : Object.is;
    const pen = { foreground: UNKNOWN, background: UNKNOWN };
    let text = "";
    for (let row = 0, cell = 0; row < this.#rows; row++) {
      let cursor = UNKNOWN; // its column, if the cursor is in this row
      for (let column = 0; column < this.#columns; column++, cell++) {
        const pixel = 2 * row * this.#columns + column;
        const upper = colorAt(picture, 3 * pixel);
        const lower = colorAt(picture, 3 * (pixel + this.#columns));
        if (isSame(drawn[2 * cell], upper) && isSame(drawn[2 * cell + 1], lower)) continue;

        // Moving the cursor costs no more bytes than drawing the half block again.
        if (cursor === UNKNOWN) text += `\x1b[${row + 1};${column + 1}H`;
        else if (cursor < column) text += `\x1b[${column - cursor > 1 ? column - cursor : ""}C`;
        cursor = column + 1;

        // A cell of one colour is a blank: one byte, and no foreground colour.
        const isBlank = isSame(upper, lower);
        const isBackground = isSame(pen.background, lower) &&
          (!isBlank || isSame(pen.background, upper));
        const changes = [];
        if (!isBlank && !isSame(pen.foreground, upper)) {
          changes.push(this.#select(38, pen.foreground = upper));
        }
        if (!isBackground) changes.push(this.#select(48, pen.background = lower));
        if (changes.length > 0) text += `\x1b[${changes.join(";")}m`;
        text += isBlank ? " " : UPPER_HALF;
        drawn[2 * cell] = isBlank ? pen.background : pen.foreground;
        drawn[2 * cell + 1] = pen.background;
      }
    }
    return text === "" ? "" : `${text}\x1b[m`;
  }

  /** Selects the foreground (38) or background (48) colour. */
  #select(which: 38 | 48, color: number): string {
    return this.#colors === "true"
      ? `${which};2;${color >> 16};${color >> 8 & 0xff};${color & 0xff}`
      : `${which};5;${color}`;
  }
}

function trueColorAt(picture: Uint8Array, at: number): number {
  return picture[at] << 16 | picture[at + 1] << 8 | picture[at + 2];
}

function isNear(a: number, b: number): boolean {
  return a === b || a !== UNKNOWN && b !== UNKNOWN &&
      Math.abs((a >> 16) - (b >> 16)) <= TOLERANCE &&
      Math.abs((a >> 8 & 0xff) - (b >> 8 & 0xff)) <= TOLERANCE &&
      Math.abs((a & 0xff) - (b & 0xff)) <= TOLERANCE;
}

function nearestColorAt(picture: Uint8Array, at: number): number {
  return nearestColor(picture[at], picture[at + 1], picture[at + 2]);
}

/** The levels of red, green and blue in the colour cube, numbers 16 to 231 of xterm's colours. */
const CUBE = [0, 95, 135, 175, 215, 255];

/**
 * The one of xterm's 256 colours that is nearest to red, green and blue from 0 to 255.
 * The first 16 are left out: users change them.
 */
export function nearestColor(red: number, green: number, blue: number): number {
  const [r, g, b] = [cubeIndex(red), cubeIndex(green), cubeIndex(blue)];
  // Numbers 232 to 255 are greys: 8, 18, and so on to 238.
  const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const distance = (r: number, g: number, b: number) =>
    (red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2;
  const level = 8 + 10 * grey;
  return distance(CUBE[r], CUBE[g], CUBE[b]) <= distance(level, level, level)
    ? 16 + 36 * r + 6 * g + b
    : 232 + grey;
}

function cubeIndex(value: number): number {
  // Half-way between its neighbours: 47.5, 115, 155, 195, 235.
  return value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40);
}
