/**
 * Where the pictures of several cameras go in one.
 *
 * @module
 */

import { capitals, LETTER_WIDTH } from "../jpeg/font.ts";
import type { Size } from "../base/size.ts";

/** The largest picture of all cameras, in pixels: what most screens show, and a player takes in time. */
const MAX_SIZE = { width: 1920, height: 1080 };

/** Tiles in rows and columns, all of one size. Lengths are even, as pictures of half the chroma need. */
export interface GridLayout extends Required<Size> {
  /** Of each tile, in pixels. */
  tile: Required<Size>;
  /** Upper left corners of the tiles, row by row, in pixels. */
  places: { x: number; y: number }[];
}

/** Lays out `count` tiles, one at least, of 16:9: as many columns as rows, or one more. */
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

/** A camera's name in its tile. */
export interface Label extends Required<Size> {
  /** What the font has for the name; cut off where the tile ends. */
  text: string;
  /** Pixels of the picture for one of the font. */
  scale: number;
}

/** The name of a camera as it fits into a tile, and the size of the strip that it stands on. */
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
