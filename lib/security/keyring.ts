/**
 * The stored keys of a user: their own key, and those of known senders.
 *
 * @module
 */

import { type Address, formatAddress, parseAddress } from "../protocol/address.ts";
import { CamcatError, UsageError } from "../base/errors.ts";
import { Key } from "./key.ts";
import {
  type KnownSender,
  readKnownSenders,
  withSender,
  writeKnownSenders,
} from "./known_senders.ts";
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

  /** Path of the file with the sender's own certificate for https. */
  get certificateFile(): string {
    return `${this.#folder}/https.json`;
  }

  /** The stored key of the sender that was last met at `address`. */
  recall(address: Address): Key | undefined {
    const where = entryOf(address);
    return this.#known.find(({ addresses }) => addresses.includes(where))?.key;
  }

  /** All stored keys of senders. */
  get keys(): Key[] {
    return this.#known.map(({ key }) => key);
  }

  /** The sender with a camera called `name`, in any case: the one that was met last. */
  recallByName(name: string): KnownSender | undefined {
    return this.#known.findLast(({ names }) => names.some((it) => isSameName(it, name)));
  }

  /**
   * Stores the key of the sender at `address`, and the name of its camera if that is known.
   *
   * @returns whether the key was not stored for that address before
   */
  remember(address: Address, key: Key, name?: string): boolean {
    const news = { key, address: entryOf(address), name };
    const known = this.#known.find((sender) => sender.key.text === key.text);
    const [first] = known?.addresses ?? [];
    if (first === news.address && (name === undefined || known?.names[0] === name)) return false;
    const isNew = !known?.addresses.includes(news.address);
    withLock(this.#knownFile, () => this.#known = withSender(this.#known, news));
    return isNew;
  }

  /**
   * Deletes the stored keys of `where`: a host, a host and port, or the name of a camera. A sender
   * is forgotten with all its addresses.
   *
   * @returns the addresses whose keys were deleted; a name, where a sender has no address any more
   */
  forget(where: string): string[] {
    const isMeant = meant(where);
    if (!this.#known.some(isMeant)) return [];
    return withLock(this.#knownFile, () => {
      const known = this.#known;
      this.#known = known.filter((sender) => !isMeant(sender));
      return known.filter(isMeant).flatMap(({ addresses, names }) =>
        addresses.length > 0 ? addresses.toReversed() : names.slice(0, 1)
      );
    });
  }

  /** The names of the cameras of the senders whose keys are stored, each once. */
  get names(): string[] {
    return [...new Set(this.#known.flatMap(({ names }) => names))];
  }

  /** The addresses of the senders whose keys are stored. */
  get addresses(): string[] {
    return this.#known.flatMap(({ addresses }) => addresses);
  }

  get #knownFile(): string {
    return `${this.#folder}/known.json`;
  }

  get #known(): KnownSender[] {
    const text = contentOf(this.#knownFile);
    try {
      return readKnownSenders(text ?? "[]");
    } catch (cause) {
      throw new CamcatError(`Cannot read ${this.#knownFile}: it is damaged. Delete it`, { cause });
    }
  }

  set #known(known: KnownSender[]) {
    writePrivate(this.#knownFile, writeKnownSenders(known));
  }
}

/** Whether a sender is the one, or one of those, that a user means. */
function meant(where: string): (sender: KnownSender) => boolean {
  const wanted = addressIn(where.toLowerCase());
  const hasPort = wanted !== undefined && entryOf(wanted) === where.toLowerCase();
  return ({ addresses, names }) =>
    names.some((name) => isSameName(name, where)) ||
    addresses.some((address) =>
      hasPort ? address === entryOf(wanted) : parseAddress(address).hostname === wanted?.hostname
    );
}

function addressIn(text: string): Address | undefined {
  try {
    return parseAddress(text);
  } catch {
    return undefined; // a name
  }
}

function isSameName(a: string, b: string): boolean {
  return a.normalize("NFC").toLowerCase() === b.normalize("NFC").toLowerCase();
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
