/**
 * Decoding JPEGs to raw pictures with ffmpeg.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { defined } from "../base/defined.ts";
import { pictureBytes } from "../base/size.ts";
import { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { Frame } from "./frame.ts";
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
  /** Whether ffmpeg has ended. */
  hasEnded = false;

  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #reading: Promise<void>;
  #pictures = 0;
  #waiting = new Set<() => void>();

  /** @throws {CamcatError} if ffmpeg is not installed, or cannot be started */
  constructor(options: DecoderOptions) {
    const { signal, onLine } = options;
    const output = FfmpegStream.open();
    try {
      this.#child = Child.spawn("ffmpeg", argsFor(options, output.url), {
        stdin: "piped",
        stdout: output.listener === undefined ? "piped" : "null",
        ...defined({ onLine }),
      });
    } catch (error) {
      output[Symbol.dispose]();
      throw error;
    }
    this.#writer = this.#child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // the exit status says when it ends
    const killing = onAbort(signal, () => {
      this.#child.kill();
      this.#wake();
    });
    this.#reading = this.#read(output, options).finally(() => {
      this.hasEnded = true;
      killing[Symbol.dispose]();
    });
  }

  /**
   * Decodes a frame; resolves when its picture is there, or after a second without one. Uses the
   * header room of the frame.
   */
  async decode(frame: Frame): Promise<void> {
    const before = this.#pictures;
    try {
      await this.#writer.write(partOf(frame));
    } catch {
      // ffmpeg has ended. Wait all the same, so that callers do not restart it in a tight loop.
    }
    if (this.#pictures !== before) return;
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
    await this.#child.kill();
    this.#wake();
    await this.#reading;
  }

  async #read(output: FfmpegStream, options: DecoderOptions): Promise<void> {
    const { size, format = "yuv420p", onPicture } = options;
    const from = await Promise.race([
      output.accept(this.#child.process),
      this.#child.status.then(() => undefined),
    ]).catch(() => undefined); // no descriptor is left: a decoder that has ended is restarted
    output[Symbol.dispose]();
    if (from !== undefined) {
      const reader = "read" in from ? from : readerOf(from);
      const picture = new Uint8Array(FORMATS[format](size));
      try {
        for (let end = 0, count; (count = await reader.read(picture.subarray(end))) !== null;) {
          end += count;
          if (end < picture.length) continue;
          end = 0;
          this.#pictures++;
          onPicture(picture);
          this.#wake();
        }
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
      if ("read" in from) from.close();
    }
    await this.#child.kill();
    await this.#child.status;
    await this.#writer.abort().catch(() => {}); // otherwise the pipe stays open
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}

function argsFor(options: DecoderOptions, output: string): string[] {
  const { size: { width, height }, fit = "borders", format = "yuv420p", lowres = 0 } = options;
  // With borders: as large as fits, and at least one pixel high and wide for any aspect ratio.
  const filters = fit === "stretch"
    ? `scale=${width}:${height}:flags=area,format=${format}`
    : `scale=w='max(1,min(${width},round(${height}*a)))':` +
      `h='max(1,min(${height},round(${width}/a)))':flags=bilinear,` +
      `format=${format},pad=${width}:${height}:-1:-1`;
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

/** Reads a stream into the caller's memory. */
function readerOf(stream: ReadableStream<Uint8Array>): ByteReader {
  const reader = stream.getReader();
  let rest: Uint8Array = new Uint8Array();
  return {
    async read(into) {
      if (rest.length === 0) {
        const { value } = await reader.read();
        if (value === undefined) return null;
        rest = value;
      }
      const part = rest.subarray(0, into.length);
      into.set(part);
      rest = rest.subarray(part.length);
      return part.length;
    },
  };
}
