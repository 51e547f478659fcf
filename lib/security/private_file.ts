/**
 * Small files that only their owner can read.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";

/**
 * Reads a file that only its owner can read.
 *
 * @returns its text, or undefined if the file does not exist
 * @throws {CamcatError} if others can read it, or it cannot be read
 */
export function readPrivate(path: string): string | undefined {
  try {
    const { mode, isDirectory } = Deno.statSync(path);
    if (isDirectory) {
      throw new CamcatError(`Cannot read ${path}: it is a folder. Name a file in it`);
    }
    if (mode !== null && Deno.build.os !== "windows" && (mode & 0o077) !== 0) {
      throw new CamcatError(
        `Cannot use ${path}: other users of this machine can read it. Run: chmod 600 ${path}`,
      );
    }
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    if (cause instanceof CamcatError) throw cause;
    throw new CamcatError(`Cannot read ${path}: ${wordsOf(cause)}`, { cause });
  }
}

/**
 * Writes such a file, entirely or not at all, and creates missing folders.
 *
 * @throws {CamcatError} if it cannot be written
 */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    const [folder] = /^.*[/\\]/s.exec(path) ?? ["."];
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    Deno.writeTextFileSync(temporary, text, { createNew: true, mode: 0o600 });
    Deno.renameSync(temporary, path);
  } catch (cause) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // it was not created
    }
    throw new CamcatError(`Cannot write ${path}: ${wordsOf(cause)}`, { cause });
  }
}
