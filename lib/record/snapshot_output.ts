/**
 * The output that writes snapshots: single pictures in files.
 *
 * @module
 */

import { clockStepMs, now } from "../base/clock.ts";
import type { Console } from "../program/console.ts";
import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { either } from "../base/text.ts";
import { type Access, PRIVATE } from "../program/file_access.ts";
import { NEVER, type Output } from "../receive/output.ts";
import type { ReceivedFrame } from "../receive/received.ts";
import { Naming } from "./naming.ts";
import { writeAll } from "../program/write_all.ts";

/** Extensions of JPEG files. */
const JPEG_EXTENSIONS = [".jpg", ".jpeg", ".jpe", ".jfif"];

/** Options of {@linkcode SnapshotOutput}. */
export interface SnapshotOutputOptions {
  /** A file, or a folder: a path that ends with `/`, or an existing folder. */
  path: string;
  /** Time between two snapshots, in milliseconds. @default only one snapshot */
  everyMs?: number | undefined;
  /** Permissions of new files and folders. @default {PRIVATE} */
  access?: Access;
  /** The names of several files. @default {new Naming()} */
  naming?: Naming | undefined;
  /** Whether the program exits when the only snapshot is written. */
  isAll: boolean;
  /** Reports snapshots and failures. */
  console: Console;
  /** Called with the path of every complete file. */
  onFile?: (file: string) => void;
}

/** Writes live pictures unmodified: the first one, or one at regular intervals. */
export class SnapshotOutput implements Output {
  /** Resolves when the only snapshot is written and nothing else is to do, or with its failure. */
  readonly ended: Promise<CamcatError | undefined>;

  #options: SnapshotOutputOptions;
  #destination: SnapshotDestination;
  #dueAt = -Infinity;
  #isReported = false;
  #writing: Promise<void> | undefined;
  #end: ((error?: CamcatError) => void) | undefined;

  /**
   * @throws {UsageError} if the file has an extension of another format
   * @throws {CamcatError} if nothing can be written there
   */
  constructor(options: SnapshotOutputOptions) {
    this.#options = options;
    const { path, access = PRIVATE, naming = new Naming() } = options;
    this.#destination = new SnapshotDestination(path, access, naming);
    this.ended = options.isAll && options.everyMs === undefined
      ? new Promise((resolve) => this.#end = resolve)
      : NEVER;
  }

  /** Writes the picture if one is due; resolves when it is written. */
  take({ frame, capturedAt, live }: ReceivedFrame): Promise<void> | void {
    const time = now();
    if (!live || time < this.#dueAt) return;
    const { everyMs } = this.#options;
    if (everyMs === undefined) this.#dueAt = Infinity;
    else if (this.#dueAt === -Infinity) this.#dueAt = time + everyMs;
    else this.#dueAt += everyMs * (Math.floor((time - this.#dueAt) / everyMs) + 1);
    return this.#writing = this.#write(frame.jpeg, (capturedAt ?? time) + clockStepMs());
  }

  /** Makes the next picture due at once: it belongs to another motion. */
  pause(): void {
    this.#dueAt = -Infinity;
  }

  async #write(jpeg: Uint8Array, capturedAt: number): Promise<void> {
    const { console, onFile } = this.#options;
    try {
      const file = await this.#destination.write(jpeg, capturedAt);
      const event = { event: "snapshot", file, bytes: jpeg.length };
      // Report the first one, and the first after a failure.
      console.event(event, this.#isReported ? undefined : `Wrote ${file}`);
      this.#isReported = true;
      onFile?.(file);
      this.#end?.();
    } catch (cause) {
      const error = cannotWrite(this.#options.path, cause);
      this.#isReported = false;
      if (this.#end) this.#end(error);
      else console.warn({ event: "snapshot-failed", reason: error.message }, error.message);
    }
  }

  /** Finishes the write in progress. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing;
  }
}

/** A file or a folder for pictures; a file is replaced as a whole. */
class SnapshotDestination {
  /** Path with a trailing `/`; empty for the working folder. */
  #folder: string;
  /** Name of the file; undefined if every picture gets one of its own. */
  #name: string | undefined;
  #access: Access;
  #naming: Naming;

  constructor(path: string, access: Access, naming: Naming) {
    this.#access = access;
    this.#naming = naming;
    try {
      const known = statusOf(path);
      if (/[/\\]$/.test(path) || known?.isDirectory) {
        Deno.mkdirSync(path, { recursive: true, mode: access.folder });
        this.#folder = path.replace(/([^/\\])$/, "$1/");
      } else {
        if (known && !known.isFile) throw new Error("it exists and is not a file");
        checkExtension(path);
        // Follow a link: its target is replaced.
        const file = known ? Deno.realPathSync(path) : path;
        [, this.#folder, this.#name] = /^(.*[/\\])?([^/\\]*)$/s.exec(file)!.map((part) =>
          part ?? ""
        );
      }
      // Report a problem now, and not when there is a picture.
      const probe = this.#temporary(crypto.randomUUID());
      Deno.writeFileSync(probe, new Uint8Array(), { createNew: true });
      Deno.removeSync(probe);
    } catch (cause) {
      throw cause instanceof UsageError ? cause : cannotWrite(path, cause);
    }
  }

  /** Writes a picture. @returns the path of its file */
  async write(jpeg: Uint8Array, timeMs: number): Promise<string> {
    if (this.#name !== undefined) {
      const file = this.#folder + this.#name;
      await this.#writeWhole(crypto.randomUUID(), file, jpeg);
      return file;
    }
    for (let count = 1;; count++) {
      const name = this.#naming.name(timeMs, ".jpg", count);
      const file = this.#folder + name;
      if (name.includes("/")) {
        const folder = file.slice(0, file.lastIndexOf("/"));
        await Deno.mkdir(folder, { recursive: true, mode: this.#access.folder });
      }
      try {
        // Only one of several receivers can create this temporary file.
        await this.#writeWhole(name, file, jpeg, () => statusOf(file) === undefined);
        return file;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  /** Writes a temporary file and renames it to `file`, if `isFree` allows it. */
  async #writeWhole(
    name: string,
    file: string,
    bytes: Uint8Array,
    isFree = () => true,
  ): Promise<void> {
    const temporary = this.#temporary(name);
    const mode = this.#access.file;
    const part = await Deno.open(temporary, { write: true, createNew: true, mode });
    try {
      try {
        if (!isFree()) throw new Deno.errors.AlreadyExists(file);
        await writeAll(part, bytes);
      } finally {
        part.close();
      }
      await Deno.rename(temporary, file);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  }

  /** A path beside the files, because only a move within a disk is atomic. */
  #temporary(name: string): string {
    const at = name.lastIndexOf("/") + 1;
    return `${this.#folder}${name.slice(0, at)}.${name.slice(at)}.part`;
  }
}

/**
 * Refuses a file name that promises another format.
 *
 * @throws {UsageError} if it has an extension other than those of JPEG
 */
function checkExtension(path: string): void {
  const [extension] = /\.[^./\\]*$/.exec(path.replace(/[^/\\]*[/\\]/gs, "").slice(1)) ?? [];
  if (extension === undefined || JPEG_EXTENSIONS.includes(extension.toLowerCase())) return;
  throw new UsageError(
    `Cannot write pictures to ${path}: they are JPEGs, a file must end with ` +
      `${either(JPEG_EXTENSIONS)}, received ${extension}. For several pictures in a folder add a ` +
      `slash: ${path}/`,
  );
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
  const reason = cause instanceof Deno.errors.NotFound
    ? "the folder does not exist"
    : wordsOf(cause);
  return new CamcatError(`Cannot write pictures to ${path}: ${reason}`, { cause });
}
