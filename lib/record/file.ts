/**
 * One file of a recording.
 *
 * @module
 */

import type { Chunk } from "./chunk.ts";
import type { Container } from "./container.ts";
import { writeAll } from "../program/write_all.ts";

/** Where the file of a path is: there, elsewhere, or on no disk any more. */
export type Place = "in place" | "moved" | "deleted";

/** A file that can be played after every chunk, whatever happens to the next one. */
export class RecordingFile {
  /** Its path. */
  readonly path: string;
  /** Number of frames in it. */
  frames = 0;
  /** Its size in bytes, up to the last complete chunk. */
  bytes = 0;
  /** From its first frame to the end of its last, in milliseconds. */
  durationMs = 0;

  #file: Deno.FsFile;
  #container: Container;
  #startMs = 0;
  /** Whether the file may contain part of a chunk after that. */
  #isDirty = false;

  private constructor(path: string, file: Deno.FsFile, container: Container) {
    this.path = path;
    this.#file = file;
    this.#container = container;
  }

  /**
   * Creates a file.
   *
   * @param mode its permissions, before the umask is applied
   * @throws what Deno throws, if it cannot, or the file exists
   */
  static async create(path: string, mode: number, container: Container): Promise<RecordingFile> {
    const file = await Deno.open(path, { write: true, createNew: true, mode });
    return new RecordingFile(path, file, container);
  }

  /** The same, synchronously. */
  static createSync(path: string, mode: number, container: Container): RecordingFile {
    const file = Deno.openSync(path, { write: true, createNew: true, mode });
    return new RecordingFile(path, file, container);
  }

  /**
   * Finds out whether the file still is at its path: it may have been moved or deleted, or its disk
   * removed.
   *
   * @throws what Deno throws, if the disk cannot be asked
   */
  async place(): Promise<Place> {
    const own = await this.#file.stat();
    if (own.nlink === 0) return "deleted";
    // It may be deleted at this very moment.
    const gone = async () => (await this.#file.stat()).nlink === 0 ? "deleted" : "moved";
    try {
      const there = await Deno.stat(this.path);
      const isSame = there.ino === own.ino && there.dev === own.dev;
      // Some network file systems make up a new number now and then.
      const isAlike = there.size === own.size && there.mtime?.getTime() === own.mtime?.getTime();
      return isSame || isAlike ? "in place" : await gone();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return await gone();
      if (error instanceof Deno.errors.NotADirectory) return await gone();
      throw error;
    }
  }

  /**
   * Appends a chunk, and waits until it would survive a power failure.
   *
   * @throws what Deno throws, if it cannot be written; the file then ends with the previous chunk
   */
  async append(chunk: Chunk): Promise<void> {
    const isFirst = this.frames === 0;
    const header = isFirst ? [this.#container.header(chunk)] : [];
    const at = this.bytes + (header[0]?.length ?? 0);
    await this.#extend([...header, ...this.#container.encode(chunk)]);
    this.#container.written(chunk, at);
    if (isFirst) this.#startMs = chunk.startMs;
    this.frames += chunk.frames.length;
    this.durationMs = chunk.endMs - this.#startMs;
  }

  /**
   * Adds the index, if there is space for it, and closes the file. A file without a frame is
   * deleted.
   */
  async finish(): Promise<void> {
    using file = this.#file;
    if (this.frames === 0) {
      if (await this.place() === "in place") await Deno.remove(this.path);
      return;
    }
    const indexAt = this.bytes;
    const isIndexed = await this.#extend([this.#container.index()]).then(() => true, () => false);
    const patches = this.#container.patches(this.bytes, isIndexed ? indexAt : undefined);
    for (const { at, bytes } of patches) {
      await file.seek(at, Deno.SeekMode.Start);
      await writeAll(file, bytes);
    }
    await file.syncData();
  }

  async #extend(pieces: Uint8Array[]): Promise<void> {
    if (this.#isDirty) await this.#cutBack();
    try {
      this.#isDirty = true;
      await this.#file.seek(this.bytes, Deno.SeekMode.Start);
      for (const piece of pieces) await writeAll(this.#file, piece);
      await this.#file.syncData();
      this.#isDirty = false;
    } catch (error) {
      await this.#cutBack().catch(() => {}); // before the next chunk, then
      throw error;
    }
    this.bytes += pieces.reduce((sum, { length }) => sum + length, 0);
  }

  async #cutBack(): Promise<void> {
    await this.#file.truncate(this.bytes);
    this.#isDirty = false;
  }
}
