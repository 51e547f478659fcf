/**
 * Decoding JPEGs to raw pictures with ffmpeg.
 *
 * @module
 */

import { pictureBytes } from "../base/size.ts";
import { FfmpegFilter } from "./ffmpeg_filter.ts";
import type { Frame } from "./frame.ts";
import { letterbox } from "./letterbox.ts";
import { mpjpegInput, partOf } from "./mpjpeg.ts";
import type { Size } from "../base/size.ts";
import type { ByteReader } from "./split_jpegs.ts";

/** How long to wait for a picture: ffmpeg gives none for a corrupt JPEG. */
const PATIENCE_MS = 1000;

/** The pixel formats, and the bytes of a picture in each. */
const FORMATS = {
  /** One luma plane and two chroma planes of half its width and height, which must be even. */
  yuv420p: pictureBytes,
  /** One byte per pixel. */
  gray: ({ width, height }: Required<Size>) => width * height,
  /** Red, green and blue: three bytes per pixel. */
  rgb24: ({ width, height }: Required<Size>) => width * height * 3,
};

/** Options of {@linkcode Decoder}. */
export interface DecoderOptions {
  /** Size of the decoded pictures, in pixels. */
  size: Required<Size>;
  /** How a JPEG of another aspect ratio fits: with black borders, or stretched. @default {"borders"} */
  fit?: "borders" | "stretch";
  /** ffmpeg's name of the pixel format. @default {"yuv420p"} */
  format?: keyof typeof FORMATS;
  /**
   * Decode at 1/2, 1/4 or 1/8 of width and height (ffmpeg's `lowres` 1, 2, 3), at about half the
   * cost; 3 decodes only the DC coefficients. @default {0}
   */
  lowres?: 0 | 1 | 2 | 3;
  /** The largest JPEG to decode, in pixels. @default {33177600} */
  maxPixels?: number | undefined;
  /** Called with every picture; the next picture reuses its memory. */
  onPicture: (picture: Uint8Array) => void;
  /** Called with every line that ffmpeg prints. */
  onLine?: (line: string) => void;
  /** Ends ffmpeg. */
  signal: AbortSignal;
}

/** A running ffmpeg that decodes every JPEG as soon as it gets it. */
export class Decoder implements AsyncDisposable {
  #filter: FfmpegFilter;
  #pictures = 0;
  #waiting = new Set<() => void>();

  /** @throws {CamcatError} if ffmpeg is not installed, or cannot be started */
  constructor(options: DecoderOptions) {
    this.#filter = new FfmpegFilter({
      args: (output) => argsFor(options, output),
      read: (output) => this.#read(output, options),
      onEnd: () => this.#wake(),
      onLine: options.onLine,
      signal: options.signal,
    });
  }

  /** Whether ffmpeg has ended. */
  get hasEnded(): boolean {
    return this.#filter.hasEnded;
  }

  /**
   * Decodes a frame; resolves when its picture is there, or after a second without one. Uses the
   * header room of the frame.
   */
  async decode(frame: Frame): Promise<void> {
    const before = this.#pictures;
    await this.#filter.write(partOf(frame));
    if (this.#pictures !== before) return;
    // Also if ffmpeg has ended, so that callers do not restart it in a tight loop.
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      this.#waiting.add(done);
    });
  }

  /** Ends ffmpeg. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#filter[Symbol.asyncDispose]();
    this.#wake();
  }

  async #read(output: ByteReader, options: DecoderOptions): Promise<void> {
    const { size, format = "yuv420p", onPicture } = options;
    const picture = new Uint8Array(FORMATS[format](size));
    for (let end = 0, count; (count = await output.read(picture.subarray(end))) !== null;) {
      end += count;
      if (end < picture.length) continue;
      end = 0;
      this.#pictures++;
      onPicture(picture);
      this.#wake();
    }
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}

function argsFor(options: DecoderOptions, output: string): string[] {
  const { size: { width, height }, fit = "borders", format = "yuv420p", lowres = 0 } = options;
  const filters = fit === "stretch"
    ? `scale=${width}:${height}:flags=area,format=${format}`
    : letterbox(options.size, format);
  // deno-fmt-ignore
  return [
    "-hide_banner", "-loglevel", "error",
    "-threads", "1", // each more would delay the output by a picture
    "-lowres", `${lowres}`,
    ...mpjpegInput(options.maxPixels), "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-i", "pipe:0",
    "-vf", filters,
    "-threads", "1", "-f", "rawvideo", output,
  ];
}
