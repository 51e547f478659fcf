/**
 * The sound of a source, from the ffmpeg that also gives its pictures: so both keep together.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import type { Child } from "../program/child.ts";
import { FfmpegStream } from "../program/ffmpeg_stream.ts";
import type { Channels } from "../sound/opus_output.ts";
import { readSound } from "../sound/read_sound.ts";
import { SoundLevel } from "../sound/sound_level.ts";
import type { SoundPacket } from "../sound/sound_packet.ts";

/** What to do with the sound of a source. */
export interface SoundOptions {
  /** How many channels to send. */
  channels: Channels;
  /** Takes each packet. */
  onPacket: (packet: SoundPacket) => void;
}

/** The second output of one ffmpeg. */
export class SourceSound implements Disposable {
  #stream: FfmpegStream;
  #options: SoundOptions;
  #level = new SoundLevel();
  #output: Deno.Conn | undefined;
  #isClosed = false;

  private constructor(stream: FfmpegStream, options: SoundOptions) {
    this.#stream = stream;
    this.#options = options;
  }

  /** Makes it before ffmpeg is started; undefined on Windows, where ffmpeg has one output only. */
  static open(options: SoundOptions): SourceSound | undefined {
    if (Deno.build.os === "windows") return undefined;
    return new SourceSound(FfmpegStream.open(), options);
  }

  /** The output URL for ffmpeg. */
  get url(): string {
    return this.#stream.url;
  }

  /** Reads a line of ffmpeg. @returns whether it is about the level only */
  take(line: string): boolean {
    return this.#level.take(line);
  }

  /** Passes packets on until ffmpeg ends or this is disposed of. */
  async run(child: Child, onLine?: (line: string) => void): Promise<void> {
    try {
      const output = await Promise.race([
        this.#stream.accept(child.process),
        child.status.then(() => undefined),
      ]);
      if (output === undefined || !("read" in output)) return;
      this.#output = output;
      this.#stream[Symbol.dispose]();
      for await (const packet of readSound(output, this.#level)) this.#options.onPacket(packet);
    } catch (error) {
      if (!this.#isClosed) onLine?.(`sound: ${messageOf(error)}`);
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
