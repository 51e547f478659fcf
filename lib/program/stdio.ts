/**
 * Standard output and standard error.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { within } from "../base/within.ts";
import { writeAll } from "./write_all.ts";

const UTF8 = new TextEncoder();
/** Text kept for a reader that does not read, such as a stopped terminal. */
const MAX_QUEUED_CHARACTERS = 256 * 1024;
/** How long the program waits for a reader before it exits, so that no line is cut in two. */
const FLUSH_MS = 500;

/** Writes text without blocking the program. While nobody reads, at most 256 Ki characters wait. */
export class TextWriter {
  #to: { write(bytes: Uint8Array): Promise<number> };
  #queue = "";
  #writing: Promise<void> | undefined;
  #onBroken: () => void;
  #isBroken = false;

  /** Makes a writer on top of `to`; `onBroken` is called when its reader has exited. */
  constructor(to: { write(bytes: Uint8Array): Promise<number> }, onBroken = () => {}) {
    this.#to = to;
    this.#onBroken = onBroken;
  }

  /** Queues a text; drops it if the queue is full. */
  write(text: string): void {
    if (this.#isBroken || this.#queue.length + text.length > MAX_QUEUED_CHARACTERS) return;
    this.#queue += text;
    this.#writing ??= this.#run();
  }

  /** Resolves when the queue is empty, or after 500 ms. */
  async flush(): Promise<void> {
    if (this.#writing !== undefined) await within(this.#writing, FLUSH_MS);
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue !== "") {
        const bytes = UTF8.encode(this.#queue);
        this.#queue = "";
        await writeAll(this.#to, bytes);
      }
    } catch (error) {
      // On other errors, for example on a full disk, work goes on.
      if (error instanceof Deno.errors.BrokenPipe) {
        this.#isBroken = true;
        this.#onBroken();
      }
    }
    this.#writing = undefined;
  }
}

const reading = new AbortController();

/** Aborted when the reader of standard output has exited, as `head` does. */
export const readerExited: AbortSignal = reading.signal;
/** Standard output. */
export const stdout: TextWriter = new TextWriter(Deno.stdout, () => reading.abort());
/** Standard error. A program goes on without a reader for it: a log is not what it works for. */
export const stderr: TextWriter = new TextWriter(Deno.stderr);

/** Prints what the user asked for, such as `--help`, on standard output. */
export function print(text: string): void {
  stdout.write(text + "\n");
}

/** Prints what the user asked for. @returns the exit status */
export function answer(text: string): number {
  print(text);
  return 0;
}

/**
 * Writes all of `bytes` to standard output. Resolves when that is done, or 500 ms after `signal` is
 * aborted: the reader may never continue.
 *
 * @returns whether all bytes were written
 * @throws the system's error
 */
export async function writeOut(bytes: Uint8Array, signal: AbortSignal): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  using _ = onAbort(signal, () => timer = setTimeout(() => resolve(false), FLUSH_MS));
  try {
    return await Promise.race([writeAll(Deno.stdout, bytes).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
