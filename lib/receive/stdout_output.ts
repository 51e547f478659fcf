/**
 * The output that writes JPEGs to standard output, for other programs.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import type { Frame } from "../jpeg/frame.ts";
import { writeOut } from "../program/stdio.ts";
import { NoSignalLoop } from "./no_signal_loop.ts";
import type { Output } from "./output.ts";
import type { ReceivedFrame, ReceiveEvent } from "./received.ts";
import { Title } from "./title.ts";

/**
 * Writes the JPEGs to standard output unmodified, one after another, as fast as they are read
 * there; NO SIGNAL while nothing comes from the sender.
 */
export class StdoutOutput implements Output {
  /** Resolves when the reader has closed the pipe, or with why nothing can be written. */
  readonly ended: Promise<CamcatError | undefined>;

  #closing = new AbortController();
  #signal: AbortSignal;
  #title: Title;
  #writing: Promise<unknown> = Promise.resolve();
  #noSignal = new NoSignalLoop((frame) => this.#write(frame));
  #end!: (error?: CamcatError) => void;

  /**
   * @param from where the stream comes from, shown in the NO SIGNAL picture
   * @param signal closes the output
   * @throws {UsageError} if standard output is a terminal
   */
  constructor(from: string, signal: AbortSignal) {
    if (Deno.stdout.isTerminal()) {
      throw new UsageError(
        "Cannot write pictures to a terminal: --stdout is for a program or a file. " +
          "Add `| ffplay -i -` or `> pictures.mjpeg`, or use --display terminal",
      );
    }
    this.#title = new Title(from);
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.ended = new Promise((resolve) => this.#end = resolve);
  }

  /** Writes a frame; resolves when it has been read, or is in the pipe. */
  async take(received: ReceivedFrame): Promise<void> {
    this.#noSignal.take(received);
    await this.#write(received.frame);
  }

  /** Writes NO SIGNAL while nothing comes from the sender. */
  follow(event: ReceiveEvent): void {
    this.#title.follow(event);
    if (this.#noSignal.last !== undefined) this.#noSignal.follow(event, this.#title.name);
  }

  async #write({ jpeg }: Frame): Promise<void> {
    // One after another: a NO SIGNAL picture may still be half written.
    this.#writing = this.#writing.then(() => writeOut(jpeg, this.#signal)).catch((cause) => {
      this.#end(
        cause instanceof Deno.errors.BrokenPipe
          ? undefined
          : new CamcatError(`Cannot write to standard output: ${wordsOf(cause)}`, { cause }),
      );
    });
    await this.#writing;
  }

  /** Finishes the write in progress. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#noSignal.end();
    this.#closing.abort();
    await this.#writing;
  }
}
