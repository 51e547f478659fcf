/**
 * Pictures for other programs.
 *
 * @module
 */

import { Caption } from "./caption.ts";
import { CamcatError, UsageError, wordsOf } from "./errors.ts";
import { sizeOf } from "./jpeg.ts";
import type { Frame } from "./frame.ts";
import type { Output } from "./output.ts";
import type { ReceivedFrame, ReceiveEvent } from "./receive.ts";
import { Standby } from "./standby.ts";
import { writeOut } from "./stdout.ts";

/**
 * JPEGs on standard output, one after another and as they were received, as fast as
 * they are read there. While the connection is lost, NO SIGNAL.
 */
export class JpegOutput implements Output {
  /** Resolves when nobody reads any more, or with why nothing can be written. */
  readonly ended: Promise<CamcatError | undefined>;

  #closing = new AbortController();
  #signal: AbortSignal;
  #caption: Caption;
  #size: ReturnType<typeof sizeOf>;
  #writing: Promise<unknown> = Promise.resolve();
  #standby = new Standby((frame) => this.#write(frame));
  #end!: (error?: CamcatError) => void;

  /**
   * @param from where the pictures come from, for people
   * @param signal ends it
   * @throws {UsageError} if standard output is a terminal
   */
  constructor(from: string, signal: AbortSignal) {
    if (Deno.stdout.isTerminal()) {
      throw new UsageError(
        "Cannot write pictures to a terminal: --stdout is for a program or a file. " +
          "Add `| ffplay -i -` or `> pictures.mjpeg`, or use --display terminal",
      );
    }
    this.#caption = new Caption(from);
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.ended = new Promise((resolve) => this.#end = resolve);
  }

  /** Writes a frame; resolves when it was read, or has gone into the pipe. */
  async take({ frame }: ReceivedFrame): Promise<void> {
    this.#standby.end();
    this.#size = sizeOf(frame.jpeg);
    await this.#write(frame);
  }

  /** Has something to show while the sender cannot. */
  follow(event: ReceiveEvent): void {
    this.#caption.follow(event);
    if (event.type === "lost" && this.#size) this.#standby.begin(this.#caption.what, this.#size);
  }

  async #write({ jpeg }: Frame): Promise<void> {
    // NO SIGNAL may be under way: pictures do not mix.
    this.#writing = this.#writing.then(() => writeOut(jpeg, this.#signal)).catch((cause) => {
      this.#end(
        cause instanceof Deno.errors.BrokenPipe
          ? undefined
          : new CamcatError(`Cannot write to standard output: ${wordsOf(cause)}`, { cause }),
      );
    });
    await this.#writing;
  }

  /** Writes no more, but what was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#standby.end();
    this.#closing.abort();
    await this.#writing;
  }
}
