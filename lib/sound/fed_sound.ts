/**
 * The sound of a stream that can be read only once: an ffmpeg of its own gets the same bytes as the
 * one that makes pictures of them. That one could not be told of sound before it knows whether there
 * is some, and there is no second try.
 *
 * @module
 */

import { Child } from "../program/child.ts";
import { opusOutput } from "./opus_output.ts";
import { type SoundOptions, SoundOutput } from "./sound_output.ts";

/** Bytes that may wait for ffmpeg; if it is slower than the stream, the sound ends. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** The sound of a stream that passes by. */
export class FedSound implements AsyncDisposable {
  #output: SoundOutput;
  #child: Child;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  #passing: Promise<void>;
  /** Bytes that wait for ffmpeg; undefined once it takes no more. */
  #waiting: number | undefined = 0;

  /** Starts ffmpeg. @param onLine called with every line that it writes */
  constructor({ channels, onPacket }: SoundOptions, onLine?: (line: string) => void) {
    const output = this.#output = SoundOutput.open();
    this.#child = Child.spawn("ffmpeg", [
      ...["-hide_banner", "-nostats", "-flags", "low_delay", "-i", "pipe:0"],
      ...opusOutput("0:a:0", channels, output.url),
    ], {
      stdin: "piped",
      stdout: output.isPipe ? "piped" : "null",
      isNoise: (line) => output.takeLine(line),
      ...(onLine === undefined ? {} : { onLine }),
    });
    this.#writer = this.#child.process.stdin.getWriter();
    this.#passing = this.#pass(onPacket);
  }

  /** Passes the stream on, and its sound to ffmpeg. */
  async *of(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of bytes) {
      this.#feed(chunk);
      yield chunk;
    }
  }

  /** Ends ffmpeg. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#waiting = undefined;
    this.#writer.close().catch(() => {});
    await this.#child.kill();
    await this.#child.status;
    this.#output[Symbol.dispose]();
    await this.#passing;
  }

  #feed(chunk: Uint8Array): void {
    if (this.#waiting === undefined) return;
    this.#waiting += chunk.length;
    if (this.#waiting > MAX_WAITING_BYTES) {
      this.#waiting = undefined;
      this.#child.kill();
      return;
    }
    this.#writer.write(chunk).then(() => {
      if (this.#waiting !== undefined) this.#waiting -= chunk.length;
    }, () => this.#waiting = undefined); // it has ended: there is no sound
  }

  async #pass(onPacket: SoundOptions["onPacket"]): Promise<void> {
    try {
      for await (const packet of this.#output.packets(this.#child)) onPacket(packet);
    } catch {
      // the pictures go on
    }
  }
}
