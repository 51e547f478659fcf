/**
 * Folders in /tmp that do not outlive their program.
 *
 * @module
 */

const PARENT = "/tmp";
const NAME = /^camcat-[0-9a-f]{16}$/;
/** How often another name is tried. */
const MAX_TRIES = 8;

const live = new Set<TempFolder>();
let isTidied = false;

// Deno.exit() ends the program without disposing of anything.
globalThis.addEventListener("unload", () => {
  for (const folder of live) folder[Symbol.dispose]();
});

/**
 * A folder that only its owner can enter. The owner holds a lock (flock(2)) on it, which the system
 * releases however the owner ends: a folder without a lock belongs to no running program.
 */
export class TempFolder implements Disposable {
  /** Its path. */
  readonly path: string;
  #lock: Deno.FsFile;
  #files: string[] = [];

  private constructor(path: string, lock: Deno.FsFile) {
    this.path = path;
    this.#lock = lock;
    live.add(this);
  }

  /**
   * Makes a folder. The first call in a process also removes folders that killed programs left.
   *
   * @throws the system's error
   */
  static make(): TempFolder {
    for (let tries = 1;; tries++) {
      const path = `${PARENT}/camcat-${crypto.getRandomValues(new Uint8Array(8)).toHex()}`;
      try {
        Deno.mkdirSync(path, { mode: 0o700 });
        const lock = lockOf(path);
        if (lock !== undefined) {
          const folder = new TempFolder(path, lock);
          tidy(path);
          return folder;
        }
      } catch (error) {
        const isTaken = error instanceof Deno.errors.AlreadyExists ||
          error instanceof Deno.errors.NotFound; // another start took it for left behind
        if (isTaken && tries < MAX_TRIES) continue;
        remove(path, []);
        throw error;
      }
      if (tries === MAX_TRIES) throw new Error(`${PARENT} is too busy`);
    }
  }

  /** The path of a file in it, which is removed with it. */
  file(name: string): string {
    this.#files.push(name);
    return `${this.path}/${name}`;
  }

  /** Removes it and its files. Never throws: the next start removes what is left. */
  [Symbol.dispose](): void {
    if (!live.delete(this)) return;
    remove(this.path, this.#files);
    this.#lock.close();
  }
}

/** Removes the folders of this user in /tmp that no running program has locked. */
function tidy(own: string): void {
  if (isTidied) return;
  isTidied = true;
  try {
    const { uid } = Deno.lstatSync(own);
    for (const { name, isDirectory } of Deno.readDirSync(PARENT)) {
      const path = `${PARENT}/${name}`;
      if (isDirectory && NAME.test(name) && path !== own) removeIfLeft(path, uid);
    }
  } catch {
    // /tmp cannot be listed: nothing can be tidied.
  }
}

function removeIfLeft(path: string, uid: number | null): void {
  try {
    // In /tmp, which is sticky, nobody else can replace a folder of this user by a link.
    const info = Deno.lstatSync(path);
    if (!info.isDirectory || info.uid !== uid) return;
    using lock = lockOf(path);
    if (lock === undefined) return; // its owner lives
    remove(path, [...Deno.readDirSync(path)].map(({ name }) => name));
  } catch {
    // another start was quicker
  }
}

/**
 * Opens and locks a folder.
 *
 * @returns undefined if another process has the lock
 * @throws {Deno.errors.NotFound} if the folder was removed before it was locked
 */
function lockOf(path: string): Deno.FsFile | undefined {
  const file = Deno.openSync(path, { read: true });
  try {
    if (file.tryLockSync(true)) {
      Deno.lstatSync(path);
      return file;
    }
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

/** Removes a folder with these files; it needs no descriptor for that. */
function remove(path: string, files: string[]): void {
  for (const target of [...files.map((name) => `${path}/${name}`), path]) {
    try {
      Deno.removeSync(target);
    } catch {
      // it is gone, or the next start removes it
    }
  }
}
