/**
 * JPEGs made into plain pictures, by ffmpeg.
 *
 * @module
 */

import { pictureBytes } from "../base/size.ts";
import { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { Frame } from "./frame.ts";
import { MPJPEG_INPUT, partOf } from "./mpjpeg.ts";
import type { Size } from "../base/size.ts";
import type { ByteReader } from "./split_jpegs.ts";

/** How long to wait for a picture: of a JPEG that makes no sense there will be none. */
const PATIENCE_MS = 1000;

/** What pictures there are, and the bytes of one. */
const FORMATS = {
  /** A plane of luma, and two of chroma with half its width and height, which must be even. */
  yuv420p: pictureBytes,
  /** A byte for every pixel. */
  gray: ({ width, height }: Required<Size>) => width * height,
  /** Red, green and blue of every pixel. */
  rgb24: ({ width, height }: Required<Size>) => width * height * 3,
};

/** Options of {@linkcode Decoder}. */
export interface DecoderOptions {
  /** Of all pictures, in pixels. */
  size: Required<Size>;
  /** What is done with another shape: black borders, or it is stretched. @default {"borders"} */
  fit?: "borders" | "stretch";
  /** ffmpeg's name of what they are. @default {"yuv420p"} */
  format?: keyof typeof FORMATS;
  /**
   * Decode at 1/2, 1/4 or 1/8 of width and height (ffmpeg's `lowres`), which costs half as much;
   * with 3 only the DC coefficients are decoded. @default {0}
   */
  lowres?: 0 | 1 | 2 | 3;
  /** Called with every picture; its memory is used again for the next one. */
  onPicture: (picture: Uint8Array) => void;
  /** Called with every line that ffmpeg writes. */
  onLine?: (line: string) => void;
  /** Ends it. */
  signal: AbortSignal;
}

/** A running ffmpeg that makes a picture of every JPEG as soon as it has it. */
export class Decoder implements AsyncDisposable {
  /** Whether it decodes no more. */
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
        ...(onLine === undefined ? {} : { onLine }),
      });
    } catch (error) {
      output[Symbol.dispose]();
      throw error;
    }
    this.#writer = this.#child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // its end is known by its status
    const kill = () => {
      this.#child.kill();
      this.#wake();
    };
    signal.addEventListener("abort", kill);
    if (signal.aborted) kill();
    this.#reading = this.#read(output, options).finally(() => {
      this.hasEnded = true;
      signal.removeEventListener("abort", kill);
    });
  }

  /**
   * Gives a frame to it; resolves when a picture has come out, or none will. The header
   * room of the frame is used.
   */
  async decode(frame: Frame): Promise<void> {
    const before = this.#pictures;
    try {
      await this.#writer.write(partOf(frame));
    } catch {
      // It has ended; waiting now keeps its successors from ending one after another at once.
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

  /** Ends it. */
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
    ]);
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
    await this.#writer.abort().catch(() => {}); // or else the pipe stays open
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}

function argsFor(options: DecoderOptions, output: string): string[] {
  const { size: { width, height }, fit = "borders", format = "yuv420p", lowres = 0 } = options;
  // With borders as large as fits, but at least one pixel each way, whatever the shape.
  const filters = fit === "stretch"
    ? `scale=${width}:${height}:flags=area,format=${format}`
    : `scale=w='max(1,min(${width},round(${height}*a)))':` +
      `h='max(1,min(${height},round(${width}/a)))':flags=bilinear,` +
      `format=${format},pad=${width}:${height}:-1:-1`;
  // deno-fmt-ignore
  return [
    "-hide_banner", "-loglevel", "error",
    "-threads", "1", // more would hold back a picture each
    "-lowres", `${lowres}`,
    ...MPJPEG_INPUT, "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-i", "pipe:0",
    "-vf", filters,
    "-threads", "1", "-f", "rawvideo", output,
  ];
}

/** Reads a stream into memory of the caller's. */
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
