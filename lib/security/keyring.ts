/**
 * The stored keys of a user: their own key, and those of known senders.
 *
 * @module
 */

import { type Address, formatAddress, parseAddress } from "../protocol/address.ts";
import { CamcatError, UsageError } from "../base/errors.ts";
import { Key } from "./key.ts";
import { readPrivate, withLock, writePrivate } from "./private_file.ts";

/** Keys in files of the user's configuration folder, which only that user can read. */
export class Keyring {
  #folder: string;

  /** Uses the files in `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Opens the keyring of this user.
   *
   * @throws {CamcatError} if HOME (on Windows APPDATA) is not set
   */
  static ofUser(): Keyring {
    const [HOME, APPDATA, XDG_CONFIG_HOME] = ["HOME", "APPDATA", "XDG_CONFIG_HOME"]
      .map((name) => Deno.env.get(name));
    const parent = Deno.build.os === "windows"
      ? APPDATA
      : Deno.build.os === "darwin"
      ? HOME && `${HOME}/Library/Application Support`
      : XDG_CONFIG_HOME?.startsWith("/") // XDG Base Directory Specification: others are ignored
      ? XDG_CONFIG_HOME
      : HOME && `${HOME}/.config`;
    if (!parent) {
      throw new CamcatError(
        "Cannot find the folder for keys: HOME must be set. Set it, or use --key-file or CAMCAT_KEY",
      );
    }
    return new Keyring(`${parent}/camcat`);
  }

  /** Path of the file with the user's own key. */
  get ownFile(): string {
    return `${this.#folder}/key`;
  }

  /** The stored key of the sender at `address`. */
  recall(address: Address): Key | undefined {
    const text = this.#known[entryOf(address)];
    return text === undefined ? undefined : Key.parse(text);
  }

  /** Stores the key of the sender at `address`. @returns whether it was not stored before */
  remember(address: Address, key: Key): boolean {
    const where = entryOf(address);
    if (this.#known[where] === key.text) return false;
    withLock(this.#knownFile, () => this.#known = { ...this.#known, [where]: key.text });
    return true;
  }

  /**
   * Deletes the stored keys of `where`: a host, or a host and port.
   *
   * @returns the addresses whose keys were deleted
   */
  forget(where: string): string[] {
    const wanted = parseAddress(where.toLowerCase());
    const hasPort = entryOf(wanted) === where.toLowerCase();
    const isMeant = ([address]: [string, string]) =>
      hasPort ? address === entryOf(wanted) : parseAddress(address).hostname === wanted.hostname;
    if (!Object.entries(this.#known).some(isMeant)) return [];
    return withLock(this.#knownFile, () => {
      const known = Object.entries(this.#known);
      this.#known = Object.fromEntries(known.filter((entry) => !isMeant(entry)));
      return known.filter(isMeant).map(([address]) => address);
    });
  }

  /** The addresses of the senders whose keys are stored. */
  get addresses(): string[] {
    return Object.keys(this.#known);
  }

  get #knownFile(): string {
    return `${this.#folder}/known.json`;
  }

  get #known(): Record<string, string> {
    const text = contentOf(this.#knownFile);
    try {
      const known: Record<string, string> = JSON.parse(text ?? "{}");
      for (const [address, key] of Object.entries(known)) {
        parseAddress(address);
        Key.parse(key);
      }
      return known;
    } catch (cause) {
      throw new CamcatError(`Cannot read ${this.#knownFile}: it is damaged. Delete it`, { cause });
    }
  }

  set #known(known: Record<string, string>) {
    writePrivate(this.#knownFile, JSON.stringify(known, undefined, 2) + "\n");
  }
}

/** The name of an entry in known.json. Host names are case-insensitive. */
function entryOf(address: Address): string {
  return formatAddress(address).toLowerCase();
}

/** Reads a file of keys. @returns undefined if it does not exist or is empty, as after a power loss */
function contentOf(path: string): string | undefined {
  const text = readPrivate(path);
  return text === undefined || /^[\s\0]*$/.test(text) ? undefined : text;
}

/** Reads the key in a file. @returns undefined if the file does not exist or is empty */
export function readKeyFile(path: string): Key | undefined {
  const text = contentOf(path);
  try {
    return text === undefined ? undefined : Key.parse(text);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw new CamcatError(`${cause.message} (it is in ${path})`, { cause });
  }
}

/**
 * Makes a new key and writes it to a file.
 *
 * @param replace replaces a key that is there; otherwise that key is returned: another program may
 * have made it just now
 */
export function makeKeyFile(path: string, replace = true): Key {
  try {
    return withLock(path, () => {
      const present = replace ? undefined : readKeyFile(path);
      if (present !== undefined) return present;
      const key = Key.random();
      writePrivate(path, key.text + "\n");
      return key;
    });
  } catch (cause) {
    if (!(cause instanceof CamcatError)) throw cause;
    throw new CamcatError(
      `${cause.message}. Store the key in another place with --key-file, or pass it in CAMCAT_KEY`,
      { cause },
    );
  }
}
