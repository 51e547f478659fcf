/**
 * The output of an ffmpeg that writes sound: alone, or beside the pictures of the same source.
 *
 * @module
 */

import type { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { Channels } from "./opus_output.ts";
import { readSound } from "./read_sound.ts";
import { SoundLevel } from "./sound_level.ts";
import type { SoundPacket } from "./sound_packet.ts";

/** What to do with the sound of a source. */
export interface SoundOptions {
  /** How many channels to send. */
  channels: Channels;
  /** Takes each packet. */
  onPacket: (packet: SoundPacket) => void;
}

/** An output for the sound of one ffmpeg. */
export class SoundOutput implements Disposable {
  #stream: FfmpegStream;
  #level = new SoundLevel();
  #output: Deno.Conn | undefined;
  #isClosed = false;

  private constructor(stream: FfmpegStream) {
    this.#stream = stream;
  }

  /** Makes it before ffmpeg is started. */
  static open(): SoundOutput {
    return new SoundOutput(FfmpegStream.open());
  }

  /** Makes it beside another output; undefined on Windows, where ffmpeg has one output only. */
  static openSecond(): SoundOutput | undefined {
    return Deno.build.os === "windows" ? undefined : SoundOutput.open();
  }

  /** The output URL for ffmpeg. */
  get url(): string {
    return this.#stream.url;
  }

  /** Whether ffmpeg writes to its standard output. */
  get isPipe(): boolean {
    return this.#stream.listener === undefined;
  }

  /** Reads a line that ffmpeg prints. @returns whether it is about the level only */
  takeLine(line: string): boolean {
    return this.#level.take(line);
  }

  /** The packets, until ffmpeg ends or this is disposed of. */
  async *packets(child: Child): AsyncGenerator<SoundPacket, void, void> {
    const output = await Promise.race([
      this.#stream.accept(child.process),
      child.status.then(() => undefined),
    ]);
    if (output === undefined) return;
    if ("read" in output) this.#output = output;
    this.#stream[Symbol.dispose]();
    try {
      yield* readSound(output, this.#level);
    } catch (error) {
      if (!this.#isClosed && !(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stream[Symbol.dispose]();
    try {
      this.#output?.close();
    } catch {
      // closed already
    }
  }
}
