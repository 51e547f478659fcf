/**
 * The options of both programs that tell which key to use.
 *
 * @module
 */

import { Key } from "../security/key.ts";
import type { Valued } from "../program/options.ts";

/** For the table of a program; `--open` is its own. */
export const KEY_OPTIONS = {
  key: {
    value: "KEY",
    parse: Key.parse,
    help: "the key; other users can see it in the list of processes, so prefer the next",
  } as Valued<Key>,
  "key-file": {
    value: "FILE",
    parse: String,
    help: "a file that holds the key; the variable CAMCAT_KEY may hold it, too",
  } as Valued<string>,
};
