/**
 * JPEGs made smaller or coarser, by ffmpeg.
 *
 * @module
 */

import type { Size } from "../base/size.ts";
import { within } from "../base/within.ts";
import { FfmpegFilter } from "../jpeg/ffmpeg_filter.ts";
import type { Frame } from "../jpeg/frame.ts";
import { mpjpegInput, partHeader } from "../jpeg/mpjpeg.ts";
import { splitJpegs } from "../jpeg/split_jpegs.ts";

/** How long to wait for a picture: a JPEG that makes no sense yields none. */
const PATIENCE_MS = 2000;

/** Options of {@linkcode Transcoder}. */
export interface TranscoderOptions {
  /** Of the pictures that it gets, in pixels; others are taken too. */
  source: Required<Size>;
  /** Of the output, in pixels. */
  size: Required<Size>;
  /** ffmpeg's `-q:v`, from 2 (fine) to 31 (coarse). */
  qscale: number;
  /** Called with every line that ffmpeg writes to its standard error. */
  onLine?: ((line: string) => void) | undefined;
  /** Ends it. */
  signal: AbortSignal;
}

/** A running ffmpeg that encodes JPEGs again, one at a time. */
export class Transcoder implements AsyncDisposable {
  #filter: FfmpegFilter;
  #waiting: ((frame: Frame | undefined) => void) | undefined;
  #part: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** @throws {CamcatError} if ffmpeg is not installed, or cannot be started */
  constructor(options: TranscoderOptions) {
    this.#filter = new FfmpegFilter({
      args: (output) => argsFor(options, output),
      read: async (output) => {
        for await (const frame of splitJpegs(output)) this.#give(frame);
      },
      onEnd: () => this.#give(undefined),
      onLine: options.onLine,
      signal: options.signal,
    });
  }

  /** Whether ffmpeg has exited: then it encodes no more. */
  get hasEnded(): boolean {
    return this.#filter.hasEnded;
  }

  /**
   * Encodes `frame` again; call it only after the last call has resolved. The result, which the
   * caller owns, has the same number and capture time.
   *
   * @returns undefined if no picture comes within two seconds; ffmpeg has ended then
   */
  async encode(frame: Frame): Promise<Frame | undefined> {
    if (this.hasEnded) return undefined;
    const { promise, resolve } = Promise.withResolvers<Frame | undefined>();
    this.#waiting = resolve;
    const writing = this.#filter.write(this.#partOf(frame));
    const encoded = await within(promise, PATIENCE_MS);
    this.#waiting = undefined;
    if (encoded === undefined) {
      await this.#filter.kill();
      return undefined;
    }
    await writing; // taken long since: its memory is used again
    encoded.seq = frame.seq;
    encoded.time = frame.time;
    return encoded;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#filter[Symbol.asyncDispose]();
  }

  /** A copy: the room before the JPEG in the frame belongs to those who send it. */
  #partOf({ jpeg }: Frame): Uint8Array {
    const header = partHeader(jpeg.length);
    const bytes = header.length + jpeg.length;
    if (this.#part.length < bytes) this.#part = new Uint8Array(bytes * 2);
    this.#part.set(header);
    this.#part.set(jpeg, header.length);
    return this.#part.subarray(0, bytes);
  }

  #give(frame: Frame | undefined): void {
    const give = this.#waiting;
    this.#waiting = undefined;
    if (give === undefined) frame?.release();
    else give(frame);
  }
}

/**
 * How often ffmpeg may halve width and height while it decodes (`lowres`): it saves a quarter of the
 * time at 1280x720, and looks sharper than pixels that are averaged later.
 */
function halvings(source: Required<Size>, size: Required<Size>): number {
  const times = Math.min(source.width / size.width, source.height / size.height);
  return Math.max(0, Math.min(3, Math.floor(Math.log2(times))));
}

function argsFor({ source, size, qscale }: TranscoderOptions, output: string): string[] {
  // deno-fmt-ignore
  return [
    "-hide_banner", "-loglevel", "error",
    "-threads", "1", // more would hold back a picture each
    "-lowres", `${halvings(source, size)}`,
    ...mpjpegInput(), "-probesize", "32", "-analyzeduration", "0",
    "-flags", "low_delay", "-i", "pipe:0",
    "-vf", `scale=${size.width}:${size.height}:flags=bilinear`,
    "-c:v", "mjpeg", "-q:v", `${qscale}`, "-threads", "1",
    "-fps_mode", "passthrough", "-flush_packets", "1", "-f", "mjpeg", output,
  ];
}
