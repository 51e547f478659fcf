/**
 * Choosing the key: from the command line, the environment or a file.
 *
 * @module
 */

import { type Address, formatAddress } from "../protocol/address.ts";
import { CamcatError, type KeyError, messageOf, UsageError } from "../base/errors.ts";
import { idOf } from "./identity.ts";
import { Key } from "./key.ts";
import { Keyring, makeKeyFile, readKeyFile } from "./keyring.ts";

/** The options `--key`, `--key-file` and `--open`. */
export interface KeyOptions {
  /** The key itself. */
  key: Key | undefined;
  /** A file with the key. */
  "key-file": string | undefined;
  /** No key, no encryption. */
  open: boolean;
}

/** A key and its origin, which the message about a wrong key depends on. */
export interface Credential {
  /** The key. */
  key: Key;
  /** `given` with the address or by `--key`; `set up` by file or variable; `remembered`; or `own`. */
  from: "given" | "set up" | "remembered" | "own";
}

/** The key for all peers: in `--key-file` or CAMCAT_KEY. */
function keySetUp(options: KeyOptions): Key | undefined {
  const path = options["key-file"];
  const key = path === undefined ? undefined : readKeyFile(path);
  if (path !== undefined && key === undefined) {
    throw new CamcatError(`Cannot read the key: the file ${path} must exist and hold a key`);
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
 * The key for incoming connections. The first call creates it and writes it to a file; later calls
 * return the same key.
 *
 * @param renew replaces the key with a new one
 */
export function keyToListenWith(options: KeyOptions, renew = false): Key | undefined {
  if (options.open) {
    if (options.key !== undefined || renew) throw openWithKey();
    return undefined;
  }
  const path = options["key-file"];
  const fixed = options.key ?? (path === undefined ? Deno.env.get("CAMCAT_KEY") : undefined);
  if (fixed) {
    if (renew) throw new UsageError("Cannot make a new key: --key or CAMCAT_KEY sets the key");
    return fixed instanceof Key ? fixed : parseVariable(fixed);
  }
  const file = path ?? Keyring.ofUser().ownFile;
  return (renew ? undefined : readKeyFile(file)) ?? makeKeyFile(file, renew);
}

/**
 * The key for an outgoing connection, if there is one.
 *
 * @param given the key in the address; it takes precedence over `--key`
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

/** The keys of a user for connecting, by their public identifiers, see {@linkcode idOf}. */
export interface KeysById {
  /** The keys. */
  byId: ReadonlyMap<string, Credential>;
  /** Whether the options or the variable name one key for all senders: then no open one is meant. */
  isSet: boolean;
}

/**
 * The keys that senders which are found can be recognised by: the one that the options or the
 * variable name, or else all that are remembered, and the user's own.
 */
export async function keysById(options: KeyOptions): Promise<KeysById> {
  const all: Credential[] = [];
  const set = options.key ?? keySetUp(options);
  if (options.open) {
    if (options.key !== undefined) throw openWithKey();
  } else if (set !== undefined) {
    all.push({ key: set, from: set === options.key ? "given" : "set up" });
  } else {
    const keyring = Keyring.ofUser();
    const own = readKeyFile(keyring.ownFile);
    if (own !== undefined) all.push({ key: own, from: "own" });
    all.push(...keyring.keys.map((key) => ({ key, from: "remembered" } as const)));
  }
  const entries = all.map(async (it) => [await idOf(it.key), it] as const);
  return { byId: new Map(await Promise.all(entries)), isSet: !options.open && set !== undefined };
}

function openWithKey(): UsageError {
  return new UsageError(
    "Cannot use a key with --open: --open means without a key. Leave one of them out",
  );
}

/** Whether a host is this machine, by one of its addresses or as `localhost`. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(hostname) ||
    Deno.networkInterfaces().some(({ address }) => address === hostname);
}

/**
 * The sentence for keys that do not match, and what the user can do.
 *
 * @param program what runs at the other end
 */
export function explainKey(
  error: KeyError,
  address: Address,
  credential: Credential | undefined,
  program = "sender",
): CamcatError {
  const where = formatAddress(address);
  const sentences: Record<KeyError["problem"], string> = {
    needed: `Cannot connect to ${where} without its key. Use the whole address that it shows, ` +
      `${where}/KEY` +
      (error.tries === undefined
        ? `, or run \`${program} --pair\` there, which shows a code to type`
        : ", or run this on a terminal, to type the code that it shows"),
    "not needed": credential?.from === "remembered"
      ? `Cannot connect to ${where}: it had a key before, and now it is open. ` +
        "It may be another machine. If you trust it, use --open"
      : `Cannot connect to ${where} with a key: it is open and not encrypted. ` +
        "If you trust it, leave the key out or use --open",
    wrong: credential?.from === "remembered"
      ? `Cannot connect to ${where}: its key has changed. Use the whole address that it shows now, ` +
        `or forget the key with receiver --forget, and run \`${program} --pair\` there`
      : credential?.from === "own"
      ? `Cannot connect to ${where}: its key is not this user's key. ` +
        "Use the whole address that it shows"
      : `Cannot connect to ${where}: the key is wrong. Use the whole address that it shows`,
  };
  return new CamcatError(sentences[error.problem], { cause: error });
}
