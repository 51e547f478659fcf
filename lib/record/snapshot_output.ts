/**
 * Single pictures in files.
 *
 * @module
 */

import { clockStepMs, now } from "../base/clock.ts";
import type { Console } from "../program/console.ts";
import { CamcatError, wordsOf } from "../base/errors.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { ReceivedFrame } from "../receive/receive.ts";
import { timeName } from "./time_name.ts";
import { writeAll } from "../program/write_all.ts";

/** Options of {@linkcode SnapshotOutput}. */
export interface SnapshotOutputOptions {
  /** A file, or a folder: it ends with `/`, or is one. */
  path: string;
  /** Write one again and again, with this many milliseconds between them. @default one only */
  everyMs?: number | undefined;
  /** Whether the program ends when the only one is written. */
  isAll: boolean;
  /** Hears of it. */
  console: Console;
  /** Is told of every file that is complete. */
  onFile?: (file: string) => void;
}

/** Writes live pictures as they were received: the first one, or one every so often. */
export class SnapshotOutput implements Output {
  /** Resolves when the only picture is written and nothing else is to be done, or cannot be written. */
  readonly ended: Promise<CamcatError | undefined>;

  #options: SnapshotOutputOptions;
  #place: Place;
  #dueAt = -Infinity;
  #isTold = false;
  #writing: Promise<void> | undefined;
  #end: ((error?: CamcatError) => void) | undefined;

  /** @throws {CamcatError} if nothing can be written there */
  constructor(options: SnapshotOutputOptions) {
    this.#options = options;
    this.#place = new Place(options.path);
    this.ended = options.isAll && options.everyMs === undefined
      ? new Promise((resolve) => this.#end = resolve)
      : NEVER;
  }

  /** Writes the picture if it is time for one; resolves when it is in its file. */
  take({ frame, capturedAt, live }: ReceivedFrame): Promise<void> | void {
    const time = now();
    if (!live || time < this.#dueAt) return;
    const { everyMs } = this.#options;
    if (everyMs === undefined) this.#dueAt = Infinity;
    else if (this.#dueAt === -Infinity) this.#dueAt = time + everyMs;
    else this.#dueAt += everyMs * (Math.floor((time - this.#dueAt) / everyMs) + 1);
    return this.#writing = this.#write(frame.jpeg, (capturedAt ?? time) + clockStepMs());
  }

  /** Lets the next picture be due at once: it is of another motion. */
  pause(): void {
    this.#dueAt = -Infinity;
  }

  async #write(jpeg: Uint8Array, capturedAt: number): Promise<void> {
    const { console, onFile } = this.#options;
    try {
      const file = await this.#place.write(jpeg, capturedAt);
      const event = { event: "snapshot", file, bytes: jpeg.length };
      // One after another goes without saying; that it works, again, does not.
      console.event(event, this.#isTold ? undefined : `Wrote ${file}`);
      this.#isTold = true;
      onFile?.(file);
      this.#end?.();
    } catch (cause) {
      const error = cannotWrite(this.#options.path, cause);
      this.#isTold = false;
      if (this.#end) this.#end(error);
      else console.warn({ event: "snapshot-failed", reason: error.message }, error.message);
    }
  }

  /** Writes no more, but what was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }
}

/** A file or a folder that pictures go to, each as a whole or not at all. */
class Place {
  /** With its `/`; empty for the working folder. */
  #folder: string;
  /** Undefined if every picture gets a file of its own. */
  #name: string | undefined;

  constructor(path: string) {
    try {
      const known = statusOf(path);
      if (/[/\\]$/.test(path) || known?.isDirectory) {
        Deno.mkdirSync(path, { recursive: true });
        this.#folder = path.replace(/([^/\\])$/, "$1/");
      } else {
        if (known && !known.isFile) throw new Error("it is there, and no file");
        // Of a link, the file that it leads to is replaced.
        const file = known ? Deno.realPathSync(path) : path;
        [, this.#folder, this.#name] = /^(.*[/\\])?([^/\\]*)$/s.exec(file)!.map((part) =>
          part ?? ""
        );
      }
      // Better to know now than when there is a picture.
      const probe = this.#temporary(crypto.randomUUID());
      Deno.writeFileSync(probe, new Uint8Array(), { createNew: true });
      Deno.removeSync(probe);
    } catch (cause) {
      throw cannotWrite(path, cause);
    }
  }

  /** @returns the file that it is in */
  async write(jpeg: Uint8Array, timeMs: number): Promise<string> {
    if (this.#name !== undefined) {
      const file = this.#folder + this.#name;
      await writeWhole(this.#temporary(`${this.#name}.${crypto.randomUUID()}`), file, jpeg);
      return file;
    }
    for (let count = 1;; count++) {
      const name = timeName(timeMs, ".jpg", count);
      const file = this.#folder + name;
      try {
        // Of several receivers only one can make this temporary file, or has made the other.
        await writeWhole(this.#temporary(name), file, jpeg, () => statusOf(file) === undefined);
        return file;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  /** Beside the file, because nothing moves at once from one disk to another. */
  #temporary(name: string): string {
    return `${this.#folder}.${name}.part`;
  }
}

/** Makes a file out of a temporary one; if `isFree` says so then. */
async function writeWhole(
  temporary: string,
  file: string,
  bytes: Uint8Array,
  isFree = () => true,
): Promise<void> {
  const part = await Deno.open(temporary, { write: true, createNew: true });
  try {
    try {
      if (!isFree()) throw new Deno.errors.AlreadyExists(file);
      await writeAll(part, bytes);
    } finally {
      part.close();
    }
    await Deno.rename(temporary, file);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // nothing of it stays
    throw error;
  }
}

function statusOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function cannotWrite(path: string, cause: unknown): CamcatError {
  const reason = cause instanceof Deno.errors.NotFound ? "there is no such folder" : wordsOf(cause);
  return new CamcatError(`Cannot write pictures to ${path}: ${reason}`, { cause });
}
