/**
 * Finding the files of a recording again.
 *
 * @module
 */

import type { NameParts, Naming } from "./naming.ts";

/** A file in a folder of recordings. */
export interface RecordedFile extends NameParts {
  /** Its name, relative to the folder. */
  name: string;
  /** Its size in bytes. */
  bytes: number;
  /** When it was last written to, in milliseconds since the Unix epoch. */
  endMs: number;
}

/**
 * Finds the files in a folder that a recorder has made there: those whose names it would give.
 *
 * @param folder ends with a slash
 * @throws what Deno throws, if a folder cannot be read
 */
export async function* recordingsIn(
  folder: string,
  naming: Naming,
  extension: string,
): AsyncGenerator<RecordedFile, void, void> {
  yield* search("", naming.depth);

  async function* search(within: string, depth: number): AsyncGenerator<RecordedFile, void, void> {
    for await (const { isFile, isDirectory, name: last } of Deno.readDir(folder + within)) {
      const name = within + last;
      if (isDirectory && depth > 0) yield* search(`${name}/`, depth - 1);
      const parts = isFile ? naming.read(name, extension) : undefined;
      if (parts === undefined) continue;
      // It may be deleted at this very moment.
      const status = await Deno.lstat(folder + name).catch(() => undefined);
      if (!status?.isFile) continue;
      yield { name, bytes: status.size, endMs: status.mtime?.getTime() ?? Date.now(), ...parts };
    }
  }
}

/** Deletes a file, and the folders of its name that are empty then. */
export async function deleteRecording(folder: string, name: string): Promise<void> {
  await Deno.remove(folder + name);
  for (let at = name.length; (at = name.lastIndexOf("/", at - 1)) > 0;) {
    try {
      await Deno.remove(folder + name.slice(0, at));
    } catch {
      return; // it has other files
    }
  }
}
