/**
 * Small files that only their owner can read.
 *
 * @module
 */

import { CamcatError, wordsOf } from "../base/errors.ts";

/** How long to wait for another process, and how often to look. */
const [LOCK_MS, POLL_MS] = [2000, 5];

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
 * Writes such a file, entirely or not at all, and creates missing folders. The text is on the disk
 * before the file has its name, so that a loss of power leaves the old file or the new one.
 *
 * @throws {CamcatError} if it cannot be written
 */
export function writePrivate(path: string, text: string): void {
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    const folder = folderOf(path);
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    {
      using file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
      const bytes = new TextEncoder().encode(text);
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
      file.syncSync();
    }
    Deno.renameSync(temporary, path);
    syncFolder(folder);
  } catch (cause) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // it was not created
    }
    throw new CamcatError(`Cannot write ${path}: ${wordsOf(cause)}`, { cause });
  }
}

/**
 * Reads and writes a file in `action` while no other process does, by a lock (flock(2)) on its
 * folder. Where the system cannot lock a folder, as on Windows, or another process holds the lock
 * for 2 s, `action` runs without it.
 */
export function withLock<T>(path: string, action: () => T): T {
  using _ = lockOf(folderOf(path));
  return action();
}

function lockOf(folder: string): Deno.FsFile | undefined {
  let file: Deno.FsFile | undefined;
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    file = Deno.openSync(folder, { read: true });
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    for (let waitedMs = 0; !file.tryLockSync(true) && waitedMs < LOCK_MS; waitedMs += POLL_MS) {
      Atomics.wait(sleeper, 0, 0, POLL_MS);
    }
  } catch {
    // no lock: what fails here fails again in the action, with a reason
  }
  return file;
}

/** Makes the new name of a file last, where the system can do that. */
function syncFolder(folder: string): void {
  try {
    using file = Deno.openSync(folder, { read: true });
    file.syncSync();
  } catch {
    // Windows opens no folders.
  }
}

function folderOf(path: string): string {
  const [folder] = /^.*[/\\]/s.exec(path) ?? ["."];
  return folder;
}
