/**
 * The destination of a recording: one file, or a directory of segments.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { either } from "../base/text.ts";
import { RecordingFile } from "./file.ts";
import { EXTENSIONS, type Format, formatOf, MATROSKA } from "./formats.ts";
import { expired, type Retention } from "./retention.ts";
import { isTimeName, timeName } from "./time_name.ts";

/** Options of a recording in segments. */
export interface SegmentOptions {
  /** Length of a segment, in milliseconds. @default {600000} */
  segmentMs?: number | undefined;
  /** How much to keep; older segments are deleted. @default everything */
  keep?: Retention | undefined;
}

/** Creates the files of a recording. */
export interface Destination {
  /** The format of its files. */
  readonly format: Format;
  /** Whether there may be more than one file. */
  readonly isDirectory: boolean;
  /**
   * Opens the file for frames from `startMs` on.
   *
   * @throws what Deno throws, if it cannot be created
   */
  open(startMs: number): Promise<RecordingFile>;
  /**
   * Deletes the segments beyond the limit.
   *
   * @param isOpen whether the file of a path is being written
   * @returns the paths of the deleted files
   * @throws what Deno throws, if a file cannot be deleted
   */
  tidy(isOpen: (path: string) => boolean): Promise<string[]>;
}

/**
 * Checks that a recording can begin.
 *
 * @param path a directory, which is created if it ends with a slash, or a file, which must not exist
 * @param segments only for a directory
 * @throws {UsageError} if it is not a path for a recording
 * @throws {CamcatError} if nothing can be written there
 */
export function openDestination(path: string, segments: SegmentOptions = {}): Destination {
  const isDirectory = /[/\\]$/.test(path) || isExistingDirectory(path);
  if (isDirectory) return new Directory(path, segments.keep);
  const format = formatOf(path);
  if (format === undefined) {
    throw new UsageError(
      `Cannot record to ${path}: a file must end with ${either(EXTENSIONS)}. For segments in ` +
        `a folder add a slash: ${path}/`,
    );
  }
  if (segments.segmentMs !== undefined || segments.keep !== undefined) {
    throw new UsageError(
      `Cannot use --segment and --keep with a single file: they are for a directory, --record ${
        path.slice(0, -format.extension.length)
      }/`,
    );
  }
  return new SingleFile(path, format);
}

function isExistingDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** One file, created at the start, so that nothing else takes its name. */
class SingleFile implements Destination {
  readonly isDirectory = false;
  readonly format: Format;
  #file: RecordingFile;

  constructor(path: string, format: Format) {
    this.format = format;
    try {
      this.#file = RecordingFile.createSync(path, format.create());
    } catch (cause) {
      if (cause instanceof Deno.errors.AlreadyExists) {
        throw new CamcatError(
          `Cannot record to ${path}: it already exists. Use another name, or move it away`,
          { cause },
        );
      }
      throw unwritable(path, cause);
    }
  }

  open(): Promise<RecordingFile> {
    return Promise.resolve(this.#file);
  }

  tidy(): Promise<string[]> {
    return Promise.resolve([]);
  }
}

/** Segments in a directory. */
class Directory implements Destination {
  readonly isDirectory = true;
  readonly format = MATROSKA;
  #path: string;
  #retention: Retention | undefined;

  constructor(path: string, retention: Retention | undefined) {
    this.#path = /[/\\]$/.test(path) ? path : `${path}/`;
    this.#retention = retention;
    try {
      Deno.mkdirSync(path, { recursive: true });
      Deno.removeSync(Deno.makeTempFileSync({ dir: path, prefix: ".camcat-" }));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async open(startMs: number): Promise<RecordingFile> {
    for (let attempt = 1;; attempt++) {
      const path = this.#path + timeName(startMs, this.format.extension, attempt);
      try {
        return await RecordingFile.create(path, this.format.create());
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
  }

  async tidy(isOpen: (path: string) => boolean): Promise<string[]> {
    if (this.#retention === undefined) return [];
    const segments = [];
    for await (const { isFile, name } of Deno.readDir(this.#path)) {
      if (!isFile || !isTimeName(name, this.format.extension)) continue;
      const { size, mtime } = await Deno.stat(this.#path + name);
      segments.push({ name, bytes: size, endMs: mtime?.getTime() ?? Date.now() });
    }
    const isOpenName = (name: string) => isOpen(this.#path + name);
    const paths = expired(segments, this.#retention, isOpenName, Date.now())
      .map((name) => this.#path + name);
    for (const path of paths) await Deno.remove(path);
    return paths;
  }
}

function unwritable(path: string, cause: unknown): CamcatError {
  const hint = cause instanceof Deno.errors.NotFound
    ? "the directory does not exist. Create it first"
    : `${wordsOf(cause)}. Use another place`;
  return new CamcatError(`Cannot record to ${path}: ${hint}`, { cause });
}
