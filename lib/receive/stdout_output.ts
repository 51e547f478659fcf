/**
 * Pictures for other programs.
 *
 * @module
 */

import { Title } from "./title.ts";
import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { sizeOf } from "../jpeg/markers.ts";
import type { Frame } from "../jpeg/frame.ts";
import type { Output } from "./output.ts";
import type { ReceivedFrame, ReceiveEvent } from "./receive.ts";
import { NoSignalLoop } from "./no_signal_loop.ts";
import { writeOut } from "../program/stdio.ts";

/**
 * JPEGs on standard output, one after another and as they were received, as fast as
 * they are read there. While the connection is lost, NO SIGNAL.
 */
export class StdoutOutput implements Output {
  /** Resolves when nobody reads any more, or with why nothing can be written. */
  readonly ended: Promise<CamcatError | undefined>;

  #closing = new AbortController();
  #signal: AbortSignal;
  #caption: Title;
  #size: ReturnType<typeof sizeOf>;
  #writing: Promise<unknown> = Promise.resolve();
  #standby = new NoSignalLoop((frame) => this.#write(frame));
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
    this.#caption = new Title(from);
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
