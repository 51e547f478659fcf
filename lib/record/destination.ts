/**
 * The destination of a recording: one file, or a directory of segments.
 *
 * @module
 */

import { CamcatError, UsageError, wordsOf } from "../base/errors.ts";
import { either } from "../base/text.ts";
import type { Access } from "../program/file_access.ts";
import { RecordingFile } from "./file.ts";
import { type Format, formatOf, MATROSKA } from "./formats.ts";
import { EXTENSIONS } from "./extensions.ts";
import { expired, type Retention } from "./retention.ts";
import { Naming } from "./naming.ts";
import { deleteRecording, recordingsIn } from "./recordings_in.ts";

/** Options of a recording in segments. */
export interface SegmentOptions {
  /** Length of a segment, in milliseconds. @default {600000} */
  segmentMs?: number | undefined;
  /** How much to keep; older segments are deleted. @default everything */
  keep?: Retention | undefined;
  /** The names of the files. @default {new Naming()} */
  naming?: Naming | undefined;
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
   * @param reason why they are recorded, for the names of several files
   * @throws what Deno throws, if it cannot be created
   */
  open(startMs: number, reason?: string): Promise<RecordingFile>;
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
 * @param access permissions of what is created
 * @param segments only for a directory
 * @throws {UsageError} if it is not a path for a recording
 * @throws {CamcatError} if nothing can be written there
 */
export function openDestination(
  path: string,
  access: Access,
  segments: SegmentOptions = {},
): Destination {
  const isDirectory = /[/\\]$/.test(path) || isExistingDirectory(path);
  if (isDirectory) return new Directory(path, access, segments);
  const format = formatOf(path);
  if (format === undefined) {
    throw new UsageError(
      `Cannot record to ${path}: a file must end with ${either(EXTENSIONS)}. For segments in ` +
        `a folder add a slash: ${path}/`,
    );
  }
  if (Object.values(segments).some((value) => value !== undefined)) {
    throw new UsageError(
      `Cannot use --segment, --keep and --names with a single file: they are for a directory, --record ${
        path.slice(0, -format.extension.length)
      }/`,
    );
  }
  return new SingleFile(path, access, format);
}

function isExistingDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * One file, created at the start, so that nothing else takes its name. When it is gone another one
 * takes its place, under the same name or, if that is taken, under one with a number.
 */
class SingleFile implements Destination {
  readonly isDirectory = false;
  readonly format: Format;
  #path: string;
  #access: Access;
  #file: RecordingFile | undefined;

  constructor(path: string, access: Access, format: Format) {
    this.#path = path;
    this.#access = access;
    this.format = format;
    try {
      this.#file = RecordingFile.createSync(path, access.file, format.create());
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

  async open(): Promise<RecordingFile> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined && await file.place() === "in place") return file;
    await file?.finish();
    const name = this.#path.slice(0, -this.format.extension.length);
    const extension = this.#path.slice(name.length);
    return firstFree((attempt) => {
      const path = attempt === 1 ? this.#path : `${name}-${attempt}${extension}`;
      return RecordingFile.create(path, this.#access.file, this.format.create());
    });
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
  #access: Access;
  #retention: Retention | undefined;
  #naming: Naming;
  /** The disk that the directory is on. */
  #disk: number;

  constructor(path: string, access: Access, { keep, naming = new Naming() }: SegmentOptions) {
    this.#path = /[/\\]$/.test(path) ? path : `${path}/`;
    this.#access = access;
    this.#retention = keep;
    this.#naming = naming;
    try {
      Deno.mkdirSync(path, { recursive: true, mode: access.folder });
      this.#disk = Deno.statSync(path).dev;
      Deno.removeSync(Deno.makeTempFileSync({ dir: path, prefix: ".camcat-" }));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async open(startMs: number, reason?: string): Promise<RecordingFile> {
    await this.#restore();
    return firstFree(async (attempt) => {
      const name = this.#naming.name(startMs, this.format.extension, attempt, reason);
      const path = this.#path + name;
      if (name.includes("/")) {
        const folder = path.slice(0, path.lastIndexOf("/"));
        await Deno.stat(this.#path); // or else it would be made where its disk is not mounted
        await Deno.mkdir(folder, { recursive: true, mode: this.#access.folder });
      }
      return await RecordingFile.create(path, this.#access.file, this.format.create());
    });
  }

  /** Creates the directory again if it was deleted, but not on another disk than it was on. */
  async #restore(): Promise<void> {
    const isThere = await Deno.stat(this.#path).then(() => true, () => false);
    if (isThere) return;
    const parent = /^(.*[/\\])?[^/\\]+[/\\]+$/s.exec(this.#path)?.[1] ?? "./";
    if ((await Deno.stat(parent)).dev !== this.#disk) return;
    await Deno.mkdir(this.#path, { mode: this.#access.folder });
  }

  async tidy(isOpen: (path: string) => boolean): Promise<string[]> {
    if (this.#retention === undefined) return [];
    const segments = [];
    for await (const file of recordingsIn(this.#path, this.#naming, this.format.extension)) {
      segments.push(file);
    }
    const isOpenName = (name: string) => isOpen(this.#path + name);
    const names = expired(segments, this.#retention, isOpenName, Date.now());
    for (const name of names) await deleteRecording(this.#path, name);
    return names.map((name) => this.#path + name);
  }
}

/** Creates the first file whose name is free, with attempts that count from 1. */
async function firstFree(
  create: (attempt: number) => Promise<RecordingFile>,
): Promise<RecordingFile> {
  for (let attempt = 1;; attempt++) {
    try {
      return await create(attempt);
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

function unwritable(path: string, cause: unknown): CamcatError {
  const hint = cause instanceof Deno.errors.NotFound
    ? "the directory does not exist. Create it first"
    : `${wordsOf(cause)}. Use another place`;
  return new CamcatError(`Cannot record to ${path}: ${hint}`, { cause });
}
