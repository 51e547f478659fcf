/**
 * The places of several cameras in one picture.
 *
 * @module
 */

import { capitals, LETTER_WIDTH } from "../jpeg/font.ts";
import type { Size } from "../base/size.ts";

/** Largest picture of the whole window, in pixels: most screens have as many. */
const MAX_SIZE = { width: 1920, height: 1080 };

/** Tiles in rows and columns, all of one size. Lengths are even, because chroma has half of them. */
export interface GridLayout extends Required<Size> {
  /** Size of each tile, in pixels. */
  tile: Required<Size>;
  /** Upper left corners of the tiles, row by row, in pixels. */
  places: { x: number; y: number }[];
}

/** Lays out `count` tiles (at least one) of 16:9, with as many columns as rows, or one more. */
export function gridLayout(count: number): GridLayout {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const tile = {
    width: even(MAX_SIZE.width / columns),
    height: even(MAX_SIZE.height / columns),
  };
  const places = Array.from({ length: count }, (_, index) => ({
    x: index % columns * tile.width,
    y: Math.floor(index / columns) * tile.height,
  }));
  return { width: columns * tile.width, height: rows * tile.height, tile, places };
}

/** The label of a tile. */
export interface Label extends Required<Size> {
  /** The name in letters of the font, cut to the width of the tile. */
  text: string;
  /** Pixels of the picture per pixel of the font. */
  scale: number;
}

/** The label for a camera, and the size of its background. */
export function labelFor(name: string, tile: Required<Size>): Label {
  const scale = Math.max(1, Math.ceil(tile.height / 270));
  const letters = Math.max(3, Math.floor(tile.width / (LETTER_WIDTH * scale)) - 1);
  const whole = capitals(name);
  const text = whole.length <= letters ? whole : `${whole.slice(0, letters - 3)}...`;
  return {
    text,
    scale,
    width: even((LETTER_WIDTH * text.length + 5) * scale),
    height: even(12 * scale),
  };
}

function even(length: number): number {
  return Math.floor(length / 2) * 2;
}
