/**
 * The NO SIGNAL picture.
 *
 * @module
 */

import type { Bytes } from "./frame.ts";
import { capitals, drawText, LETTER_WIDTH, LINE_HEIGHT } from "./font.ts";
import { encodeGrey } from "./grey_jpeg.ts";

/** How often to draw the picture again, in milliseconds: it shows the time. */
export const NO_SIGNAL_MS = 1000;

/** The size of the picture where the last one is unknown, in pixels. */
const DEFAULT_SIZE = { width: 1280, height: 720 };

/** The largest picture, in pixels. A peer may claim any size; a larger one is halved until it fits. */
const MAX_PIXELS = 3840 * 2160;

const BACKGROUND = 24;
const TITLE_GREY = 235;
const TEXT_GREY = 170;

/**
 * Draws NO SIGNAL, the name of the camera and the time of the loss, as a JPEG. It takes some
 * milliseconds and no ffmpeg; 1280x720 gives about 30 KB.
 *
 * @param name the camera's name; drawn in capitals without accents, other characters than
 * ASCII as `?`, at most two lines
 * @param since when the signal was lost, in milliseconds since the epoch
 * @param now the current time, in milliseconds since the epoch
 * @param size in pixels: that of the last picture, so that a window keeps its size
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

  // The times fit on one line if the font is not scaled.
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
  if (width === 0 || height === 0) return DEFAULT_SIZE; // stated only after the scan (T.81 section B.2.5)
  while (width * height > MAX_PIXELS) {
    width = Math.ceil(width / 2);
    height = Math.ceil(height / 2);
  }
  return { width, height };
}

/** The largest scale of the font, in pixels, at which `text` fits into one line. */
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
