/**
 * The picture that is shown when there is none.
 *
 * @module
 */

import type { Bytes } from "./frame.ts";
import { encodeGrey, type GreyPicture } from "./grey_jpeg.ts";

/** How often the picture is made anew: the time in it goes on. */
export const NO_SIGNAL_MS = 1000;

/** Pixels of the picture where nothing tells better. */
const DEFAULT_SIZE = { width: 1280, height: 720 };

const BACKGROUND = 24;
const TITLE_GREY = 235;
const TEXT_GREY = 170;

/** Pixels of the font: five columns and one between two letters, seven rows and three between two lines. */
const COLUMNS = 5 + 1;
/** See {@linkcode COLUMNS}. */
const ROWS = 7 + 3;

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

/**
 * Draws NO SIGNAL, what gives none, and since when, as a JPEG. It needs no
 * ffmpeg, some milliseconds, and for 1280x720 about 15 KB.
 *
 * @param name what there is no picture of; letters are drawn as capitals without
 * their accents, what is not ASCII as `?`, and no more than two lines of it
 * @param since when it was lost, in milliseconds since the epoch
 * @param now the time that is shown, the same way
 * @param size in pixels, so that a window can stay as it is
 */
export function noSignal(
  name: string,
  since: number,
  now: number,
  size: { width: number; height: number } = DEFAULT_SIZE,
): Bytes {
  const { width, height } = size;
  const picture = { width, height, pixels: new Uint8Array(width * height).fill(BACKGROUND) };
  const title = "NO SIGNAL";
  const times = `since ${timeOfDay(since)}, ${duration(now - since)} ago`;

  // The times fit on one line, if a pixel of the font is one of the picture.
  const titleScale = scaleFor(title, 0.6 * width, 0.2 * height);
  const scale = scaleFor(times, Math.min(0.8 * width, 1.2 * titleScale * COLUMNS * title.length));
  const lineLength = Math.floor(0.9 * width / (COLUMNS * scale));
  const nameLines = wrap(drawable(name), lineLength);
  if (nameLines.length > 2) {
    nameLines.length = 2;
    nameLines[1] = `${nameLines[1].slice(0, lineLength - 3)}...`;
  }
  const lines = [
    { text: title, scale: titleScale, grey: TITLE_GREY },
    { text: "", scale, grey: TEXT_GREY },
    ...[...nameLines, ...wrap(drawable(times), lineLength)]
      .map((text) => ({ text, scale, grey: TEXT_GREY })),
  ];
  let y = Math.max(0, height - lines.reduce((sum, { scale }) => sum + ROWS * scale, 0)) >> 1;
  for (const { text, scale, grey } of lines) {
    draw(picture, text, Math.max(0, width - COLUMNS * scale * text.length) >> 1, y, scale, grey);
    y += ROWS * scale;
  }
  return encodeGrey(picture);
}

/** How many pixels a pixel of the font may have for `text` to fit into one line. */
function scaleFor(text: string, width: number, height = Infinity): number {
  return Math.max(1, Math.floor(Math.min(width / (COLUMNS * text.length), height / ROWS)));
}

function drawable(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toUpperCase().replace(/[^ -_]/gu, "?");
}

/** Breaks text into lines, between words where that is possible. */
function wrap(text: string, length: number): string[] {
  const lines: string[] = [];
  for (let rest = text.trim(); rest !== "";) {
    const space = rest.length <= length ? rest.length : rest.lastIndexOf(" ", length);
    const end = space > 0 ? space : Math.max(1, length);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return lines;
}

/** Draws a line of text; what lies outside of the picture is left out. */
function draw(
  { width, height, pixels }: GreyPicture,
  text: string,
  left: number,
  top: number,
  scale: number,
  grey: number,
): void {
  for (let index = 0; index < text.length; index++) {
    const glyph = GLYPHS[text.charCodeAt(index) - FIRST_CHARACTER];
    for (let column = 0; column < glyph.length; column++) {
      const x = left + (index * COLUMNS + column) * scale;
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

function timeOfDay(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** Hours, minutes and seconds. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return [seconds / 3600, seconds / 60 % 60, seconds % 60]
    .map((part) => `${Math.floor(part)}`.padStart(2, "0")).join(":");
}
