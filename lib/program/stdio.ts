/**
 * Standard output and standard error.
 *
 * @module
 */

import { onAbort } from "../base/abort.ts";
import { within } from "../base/within.ts";
import { writeAll } from "./write_all.ts";

const UTF8 = new TextEncoder();
/** Text kept for a reader that does not read, a stopped terminal for one. */
const MAX_QUEUED_CHARACTERS = 256 * 1024;
/** How long the end of the program waits for a reader, so that nothing is cut in two. */
const FLUSH_MS = 500;

/** Writes text without ever making the program wait; what nobody reads is lost in the end. */
export class TextWriter {
  #to: { write(bytes: Uint8Array): Promise<number> };
  #queue = "";
  #writing: Promise<void> | undefined;

  /** Writes to `to`. */
  constructor(to: { write(bytes: Uint8Array): Promise<number> }) {
    this.#to = to;
  }

  /** Writes as soon as what went before is taken. */
  write(text: string): void {
    if (this.#queue.length + text.length > MAX_QUEUED_CHARACTERS) return;
    this.#queue += text;
    this.#writing ??= this.#run();
  }

  /** Resolves when all is taken, or nobody has taken it for a while. */
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
      // Whoever read us has gone, as `head` does. On a full disk, work goes on.
      if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    }
    this.#writing = undefined;
  }
}

/** Standard output. */
export const stdout: TextWriter = new TextWriter(Deno.stdout);
/** Standard error. */
export const stderr: TextWriter = new TextWriter(Deno.stderr);

/** Writes to standard output what was asked for, as `--help` is. */
export function print(text: string): void {
  stdout.write(text + "\n");
}

/**
 * Writes all of `bytes` to standard output; resolves when they are taken, or soon after `signal` is
 * aborted: the reader may never go on.
 *
 * @returns whether they are taken
 * @throws what the system says, if it cannot be done
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
