/**
 * Which key to use, of all the places where one may be found.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { CamcatError, type KeyError, messageOf, UsageError } from "../base/errors.ts";
import { Key } from "./key.ts";
import { Keyring, makeKeyFile, readKeyFile } from "./keyring.ts";

/** What `--key`, `--key-file` and `--open` have given. */
export interface KeyOptions {
  /** The key itself. */
  key: Key | undefined;
  /** A file that holds it. */
  "key-file": string | undefined;
  /** No key, no encryption. */
  open: boolean;
}

/** A key, and where it comes from: that makes a difference when it does not fit. */
export interface Credential {
  /** The key. */
  key: Key;
  /** `given` with the address or as an option, set up beforehand, `remembered`, or the `own` one. */
  from: "given" | "set up" | "remembered" | "own";
}

/** The key that the user has set up for all peers: in a file or in the environment. */
function keySetUp(options: KeyOptions): Key | undefined {
  const path = options["key-file"];
  const key = path === undefined ? undefined : readKeyFile(path);
  if (path !== undefined && key === undefined) {
    throw new CamcatError(`Cannot read the key: there is no file ${path}`);
  }
  const text = Deno.env.get("CAMCAT_KEY");
  return key ?? (text ? parseVariable(text) : undefined);
}

function parseVariable(text: string): Key {
  try {
    return Key.parse(text);
  } catch (cause) {
    throw new UsageError(`${messageOf(cause)} (it is in CAMCAT_KEY)`, { cause });
  }
}

/**
 * The key to let others in with; at the first time it is made and written to a
 * file, so that it stays the same.
 *
 * @param renew makes a new one in its place
 */
export function keyToListenWith(options: KeyOptions, renew = false): Key | undefined {
  if (options.open) {
    if (options.key !== undefined || renew) throw openWithKey();
    return undefined;
  }
  const path = options["key-file"];
  const fixed = options.key ?? (path === undefined ? Deno.env.get("CAMCAT_KEY") : undefined);
  if (fixed) {
    if (renew) throw new UsageError("Cannot make a new key: --key or CAMCAT_KEY says which to use");
    return fixed instanceof Key ? fixed : parseVariable(fixed);
  }
  const file = path ?? Keyring.ofUser().ownFile;
  return (renew ? undefined : readKeyFile(file)) ?? makeKeyFile(file);
}

/**
 * The key to connect to a peer with, if there is any.
 *
 * @param given the key that was written with the address; it goes before `--key`
 */
export function keyToConnectWith(
  address: Address,
  given: Key | undefined,
  options: KeyOptions,
): Credential | undefined {
  const explicit = given ?? options.key;
  if (options.open) {
    if (explicit === undefined) return undefined;
    throw openWithKey();
  }
  if (explicit !== undefined) return { key: explicit, from: "given" };
  const setUp = keySetUp(options);
  if (setUp !== undefined) return { key: setUp, from: "set up" };
  const keyring = Keyring.ofUser();
  const remembered = keyring.recall(address);
  if (remembered !== undefined) return { key: remembered, from: "remembered" };
  const own = isThisMachine(address.hostname) ? readKeyFile(keyring.ownFile) : undefined;
  return own && { key: own, from: "own" };
}

function openWithKey(): UsageError {
  return new UsageError("Cannot use a key with --open: it means to do without");
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(hostname) ||
    Deno.networkInterfaces().some(({ address }) => address === hostname);
}

/** What a user can do about keys that do not go together. */
export function explainKey(
  error: KeyError,
  address: Address,
  credential: Credential | undefined,
): CamcatError {
  const where = formatAddress(address);
  const sentences: Record<KeyError["problem"], string> = {
    needed:
      `Cannot connect to ${where} without its key. Give the whole address that is shown there, ` +
      `${where}/KEY`,
    "not needed": credential?.from === "remembered"
      ? `Cannot connect to ${where}: it had a key before, and now it is open, so anybody could be there. ` +
        "If that is meant, use --open"
      : `Cannot connect to ${where} with a key: it is open, and nothing is encrypted there. ` +
        "If that is meant, leave the key out or use --open",
    wrong: credential?.from === "remembered"
      ? `Cannot connect to ${where}: its key has changed since the last time. ` +
        "Give the whole address that is shown there now"
      : credential?.from === "own"
      ? `Cannot connect to ${where}: its key is not the one of this user. ` +
        "Give the whole address that is shown there"
      : `Cannot connect to ${where}: its key is another one. Give the whole address that is shown there`,
  };
  return new CamcatError(sentences[error.problem], { cause: error });
}
