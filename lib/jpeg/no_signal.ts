/**
 * The picture that is shown when there is none.
 *
 * @module
 */

import type { Bytes } from "./frame.ts";
import { capitals, drawText, LETTER_WIDTH, LINE_HEIGHT } from "./font.ts";
import { encodeGrey } from "./grey_jpeg.ts";

/** How often the picture is made anew: the time in it goes on. */
export const NO_SIGNAL_MS = 1000;

/** Pixels of the picture where nothing tells better. */
const DEFAULT_SIZE = { width: 1280, height: 720 };

/** A larger picture is halved until it is small enough: its size may be anything that a peer made up. */
const MAX_PIXELS = 3840 * 2160;

const BACKGROUND = 24;
const TITLE_GREY = 235;
const TEXT_GREY = 170;

/**
 * Draws NO SIGNAL, what gives none, and since when, as a JPEG. It needs no
 * ffmpeg, some milliseconds, and for 1280x720 about 30 KB.
 *
 * @param name what there is no picture of; letters are drawn as capitals without
 * their accents, what is not ASCII as `?`, and no more than two lines of it
 * @param since when it was lost, in milliseconds since the epoch
 * @param now the time that is shown, the same way
 * @param size in pixels, so that a window can stay as it is; within reason
 */
export function noSignal(
  name: string,
  since: number,
  now: number,
  size: { width: number; height: number } = DEFAULT_SIZE,
): Bytes {
  const { width, height } = withinReason(size);
  const picture = { width, height, pixels: new Uint8Array(width * height).fill(BACKGROUND) };
  const title = "NO SIGNAL";
  const times = `since ${timeOfDay(since)}, ${duration(now - since)} ago`;

  // The times fit on one line, if a pixel of the font is one of the picture.
  const titleScale = scaleFor(title, 0.6 * width, 0.2 * height);
  const scale = scaleFor(
    times,
    Math.min(0.8 * width, 1.2 * titleScale * LETTER_WIDTH * title.length),
  );
  const lineLength = Math.floor(0.9 * width / (LETTER_WIDTH * scale));
  const nameLines = wrap(capitals(name), lineLength);
  if (nameLines.length > 2) {
    nameLines.length = 2;
    nameLines[1] = `${nameLines[1].slice(0, lineLength - 3)}...`;
  }
  const lines = [
    { text: title, scale: titleScale, grey: TITLE_GREY },
    { text: "", scale, grey: TEXT_GREY },
    ...[...nameLines, ...wrap(capitals(times), lineLength)]
      .map((text) => ({ text, scale, grey: TEXT_GREY })),
  ];
  let y = Math.max(0, height - lines.reduce((sum, { scale }) => sum + LINE_HEIGHT * scale, 0)) >> 1;
  for (const { text, scale, grey } of lines) {
    const x = Math.max(0, width - LETTER_WIDTH * scale * text.length) >> 1;
    drawText(picture, text, { x, y, scale, grey });
    y += LINE_HEIGHT * scale;
  }
  return encodeGrey(picture);
}

function withinReason({ width, height }: typeof DEFAULT_SIZE): typeof DEFAULT_SIZE {
  if (width === 0 || height === 0) return DEFAULT_SIZE; // told only after the scan (T.81 section B.2.5)
  while (width * height > MAX_PIXELS) {
    width = Math.ceil(width / 2);
    height = Math.ceil(height / 2);
  }
  return { width, height };
}

/** How many pixels a pixel of the font may have for `text` to fit into one line. */
function scaleFor(text: string, width: number, height = Infinity): number {
  return Math.max(
    1,
    Math.floor(Math.min(width / (LETTER_WIDTH * text.length), height / LINE_HEIGHT)),
  );
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

function timeOfDay(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}

/** Hours, minutes and seconds. */
function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return [seconds / 3600, seconds / 60 % 60, seconds % 60]
    .map((part) => `${Math.floor(part)}`.padStart(2, "0")).join(":");
}
