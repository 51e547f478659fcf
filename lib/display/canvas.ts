/**
 * One picture made of several.
 *
 * @module
 */

import { pictureBytes } from "../base/size.ts";
import { drawText } from "../jpeg/font.ts";
import type { Bytes } from "../jpeg/frame.ts";
import { type GridLayout, type Label, labelFor } from "./grid_layout.ts";

/** Black, white and no colour in video levels (ITU-R BT.601, 8 bit). */
const BLACK = 16;
const WHITE = 235;
const NO_COLOR = 128;

/**
 * A picture in ffmpeg's `yuv420p` (a plane of luma, and two of chroma with half its width and
 * height), into which pictures of the same format are copied.
 */
export class Canvas {
  /** The planes, one after another. */
  readonly bytes: Bytes;

  #layout: GridLayout;
  #labels: Label[];
  #planes: Plane[];

  /** Creates a black picture with the `names` of the tiles. */
  constructor(layout: GridLayout, names: string[]) {
    const { width, height } = layout;
    this.bytes = new Uint8Array(pictureBytes(layout));
    this.#layout = layout;
    this.#labels = names.map((name) => labelFor(name, layout.tile));
    const luma = width * height;
    const [u, v] = [luma, luma * 5 / 4];
    this.#planes = [
      { pixels: this.bytes.subarray(0, luma), black: BLACK, division: 1 },
      { pixels: this.bytes.subarray(u, v), black: NO_COLOR, division: 2 },
      { pixels: this.bytes.subarray(v), black: NO_COLOR, division: 2 },
    ];
    for (const { pixels, black } of this.#planes) pixels.fill(black);
    names.forEach((_, index) => this.#drawLabel(index));
  }

  /** Copies a picture as large as a tile into tile number `index`. */
  put(index: number, picture: Uint8Array): void {
    const { tile, places, width } = this.#layout;
    const { x, y } = places[index];
    let from = 0;
    for (const { pixels, division } of this.#planes) {
      const [length, stride] = [tile.width / division, width / division];
      let to = (y * stride + x) / division;
      for (let row = 0; row < tile.height / division; row++) {
        pixels.set(picture.subarray(from, from += length), to);
        to += stride;
      }
    }
    this.#drawLabel(index);
  }

  /** Writes the name of a tile into its lower left corner. */
  #drawLabel(index: number): void {
    const { tile, places, width, height } = this.#layout;
    const { text, scale, ...strip } = this.#labels[index];
    const { x } = places[index];
    const y = places[index].y + tile.height - strip.height;
    for (const { pixels, black, division } of this.#planes) {
      const stride = width / division;
      const first = (y * stride + x) / division;
      const end = first + stride * strip.height / division;
      for (let at = first; at < end; at += stride) {
        pixels.fill(black, at, at + strip.width / division);
      }
    }
    const picture = { width, height, pixels: this.#planes[0].pixels };
    drawText(picture, text, { x: x + 3 * scale, y: y + 3 * scale, scale, grey: WHITE });
  }
}

interface Plane {
  pixels: Uint8Array;
  /** The value of black in this plane. */
  black: number;
  /** Pixels of the picture per sample of the plane, in each direction. */
  division: number;
}
