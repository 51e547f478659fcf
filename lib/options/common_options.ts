/**
 * The options that both programs have: keys and messages.
 *
 * @module
 */

import type { Shell } from "../program/completions.ts";
import type { Flag, Valued } from "../program/option_table.ts";
import { oneOf } from "../program/options.ts";
import { type Address, parseListenAddress } from "../protocol/address.ts";
import { Key } from "../security/key.ts";

/** Stands for every camera of a sender. */
export const ALL_CAMERAS = "all";

/** Which key to use. */
export const KEY_OPTIONS = {
  open: {
    topic: "key",
    help: "no key and no encryption: anyone on the network can connect",
  } as Flag,
  key: {
    value: "KEY",
    parse: Key.parse,
    help: "the key; other users can see it in the process list, so prefer --key-file",
  } as Valued<Key>,
  "key-file": {
    value: "FILE",
    parse: String,
    help: "a file with the key; the variable CAMCAT_KEY can hold the key too",
  } as Valued<string>,
};

/** How much to say, and how. */
export const MESSAGE_OPTIONS = {
  json: {
    topic: "messages",
    help: "write events and figures to standard output as JSON, one object per line",
  } as Flag,
  quiet: { short: "q", help: "only warnings and errors" } as Flag,
  verbose: { short: "v", help: "also what ffmpeg and the player print" } as Flag,
  completions: {
    value: "bash|zsh|fish",
    parse: oneOf(["bash", "zsh", "fish"]),
    help: "print the completions for a shell, and exit",
  } as Valued<Shell>,
  complete: { hidden: true, help: "print what can complete an operand, and exit" } as Flag,
};

/**
 * Where a page is: HTTP without a certificate is not encrypted, so only this machine gets it unless
 * the user says otherwise.
 *
 * @throws {UsageError} if it is no address
 */
export function parseHttpAddress(text: string): Address {
  return parseListenAddress(/^\d+$/.test(text) ? `127.0.0.1:${text}` : text);
}

/** Names with commas between them. */
export function parseNames(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}
