/**
 * A running ffmpeg that takes pictures on its standard input and gives others.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { defined } from "../base/defined.ts";
import { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { ByteReader } from "./split_jpegs.ts";

/** Options of {@linkcode FfmpegFilter}. */
export interface FfmpegFilterOptions {
  /** ffmpeg's arguments, with the URL that it writes to. */
  args: (output: string) => string[];
  /** Reads what ffmpeg writes, to its end. */
  read: (output: ByteReader) => Promise<void>;
  /** Called once, when ffmpeg has exited. */
  onEnd: () => void;
  /** Called with every line that ffmpeg writes to its standard error. */
  onLine?: ((line: string) => void) | undefined;
  /** Ends it. */
  signal: AbortSignal;
}

/** An ffmpeg between our writes and our reads. */
export class FfmpegFilter implements AsyncDisposable {
  /** Whether ffmpeg has exited, or is about to. */
  hasEnded = false;

  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #reading: Promise<void>;

  /** @throws {CamcatError} if ffmpeg is not installed, or cannot be started */
  constructor(options: FfmpegFilterOptions) {
    const { args, signal, onLine } = options;
    const output = FfmpegStream.open();
    try {
      this.#child = Child.spawn("ffmpeg", args(output.url), {
        stdin: "piped",
        stdout: output.listener === undefined ? "piped" : "null",
        ...defined({ onLine }),
      });
    } catch (error) {
      output[Symbol.dispose]();
      throw error;
    }
    this.#writer = this.#child.process.stdin.getWriter();
    this.#writer.closed.catch(() => {}); // the exit status tells
    const listening = onAbort(signal, () => void this.#child.kill());
    this.#reading = this.#read(output, options).finally(() => {
      this.hasEnded = true;
      listening[Symbol.dispose]();
      options.onEnd();
    });
  }

  /** Writes to ffmpeg's standard input; resolves when `bytes` may be used again. Never rejects. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#writer.write(bytes);
    } catch {
      // it has exited, which `onEnd` tells
    }
  }

  /** Ends ffmpeg. */
  async kill(): Promise<void> {
    await this.#child.kill();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#reading;
  }

  async #read(output: FfmpegStream, { read }: FfmpegFilterOptions): Promise<void> {
    const from = await Promise.race([
      output.accept(this.#child.process),
      this.#child.status.then(() => undefined),
    ]).catch(() => undefined); // no descriptor is left: it ends, and may be started again
    output[Symbol.dispose]();
    if (from !== undefined) {
      try {
        await read("read" in from ? from : readerOf(from));
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
      if ("read" in from) from.close();
    }
    await this.#child.kill();
    await this.#child.status;
    await this.#writer.abort().catch(() => {}); // or else the pipe stays open
  }
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
