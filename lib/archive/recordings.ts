/**
 * A folder of recordings: what is in it, and deleting from it.
 *
 * @module
 */

import { wordsOf } from "../base/errors.ts";
import type { Naming } from "../record/naming.ts";
import { MATROSKA } from "../record/formats.ts";
import type { RecordingEvent } from "../record/recording_event.ts";
import { deleteRecording, type RecordedFile, recordingsIn } from "../record/recordings_in.ts";
import { isUnfinished } from "./matroska_reader.ts";

/** The most recordings in a list: the newest ones. */
const MAX_LISTED = 20_000;
/** The longest name, in characters. */
const MAX_NAME_CHARACTERS = 500;
/** A file without an end that was written to in this time is being written, in milliseconds. */
const FRESH_MS = 60_000;
const EXTENSION = MATROSKA.extension;

/** A recording. */
export interface Recording extends RecordedFile {
  /** Where it is. */
  path: string;
  /** The folder of its camera; empty if the recordings of one camera are not in a folder of its own. */
  camera: string;
}

/** What came of a wish to delete a recording: done, or why not. */
export type Deletion = "deleted" | "missing" | "being written" | { failed: string };

/**
 * Recordings in a folder, and in the folders of cameras in it. Only files that have such a name as a
 * recorder gives exist here, and no links: no name leads out of the folder.
 */
export class Recordings {
  #folder: string;
  #naming: Naming;
  /** Paths of the files that this program writes. */
  #open = new Set<string>();
  #listing: Promise<Recording[]> | undefined;

  /** @param folder where they are */
  constructor(folder: string, naming: Naming) {
    this.#folder = folder.replace(/([^/\\])$/, "$1/");
    this.#naming = naming;
  }

  /** Notes which files are being written. */
  follow(event: RecordingEvent): void {
    if (event.type === "started" || event.type === "resumed") this.#open.add(event.file);
    else if (event.type === "ended" || event.type === "gone") this.#open.delete(event.file);
  }

  /** All of them, the newest last, at most 20000. */
  list(): Promise<Recording[]> {
    return this.#listing ??= this.#list().finally(() => this.#listing = undefined);
  }

  /** A recording by its name; undefined if there is none. */
  async find(name: string): Promise<Recording | undefined> {
    if (name.length > MAX_NAME_CHARACTERS || /\\|(^|\/)\.*(\/|$)/.test(name)) return undefined;
    const cameraEnd = name.indexOf("/") + 1;
    for (const at of new Set([0, cameraEnd])) {
      const parts = this.#naming.read(name.slice(at), EXTENSION);
      if (parts === undefined) continue;
      const path = this.#folder + name;
      try {
        // Neither it nor a folder of its name is a link.
        const [root, real] = await Promise.all([this.#folder, path].map(realPath));
        if (real !== `${root.replace(/\/$/, "")}/${name}`) return undefined;
        const { size, mtime, isFile } = await Deno.lstat(path);
        if (!isFile) return undefined;
        const camera = name.slice(0, at).replace("/", "");
        return { name, path, camera, bytes: size, endMs: mtime?.getTime() ?? Date.now(), ...parts };
      } catch {
        return undefined;
      }
    }
    return undefined;
  }

  /** Whether a recording is being written, by this program or by another one. */
  async isBeingWritten({ path, endMs }: Recording): Promise<boolean> {
    if (this.#open.has(path)) return true;
    return Date.now() - endMs < FRESH_MS && await isUnfinished(path);
  }

  /** Deletes a recording, unless it is being written. */
  async delete(name: string): Promise<Deletion> {
    const recording = await this.find(name);
    if (recording === undefined) return "missing";
    if (await this.isBeingWritten(recording)) return "being written";
    try {
      const at = recording.camera === "" ? 0 : recording.camera.length + 1;
      await deleteRecording(this.#folder + name.slice(0, at), name.slice(at));
      return "deleted";
    } catch (error) {
      return { failed: wordsOf(error) };
    }
  }

  async #list(): Promise<Recording[]> {
    const found: Recording[] = [];
    const search = async (camera: string) => {
      const within = camera && `${camera}/`;
      for await (const file of recordingsIn(this.#folder + within, this.#naming, EXTENSION)) {
        const name = within + file.name;
        found.push({ ...file, name, camera, path: this.#folder + name });
      }
    };
    await search("");
    for await (const { isDirectory, name } of Deno.readDir(this.#folder)) {
      if (isDirectory) await search(name).catch(() => {}); // it may not be ours to read
    }
    return found.sort((a, b) => a.timeMs - b.timeMs).slice(-MAX_LISTED);
  }
}

/** The path without links, with slashes on every system. */
async function realPath(path: string): Promise<string> {
  return (await Deno.realPath(path)).replaceAll("\\", "/");
}
