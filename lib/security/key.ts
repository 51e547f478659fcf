/**
 * The key: all that a viewer needs, besides the address, to be let in.
 *
 * @module
 */

import { bech32m } from "@scure/base";
import { UsageError } from "../base/errors.ts";

/** 128 bits cannot be guessed, and are short enough to be copied by hand. */
const KEY_BYTES = 16;
/** Characters of a written key: 26 for 128 bits, 6 for the checksum. */
const KEY_CHARACTERS = 32;
/** What bech32m puts before the data and into the checksum; left out when a key is written. */
const PREFIX = "camcat";

/**
 * A secret of 128 random bits, shared by a sender and its viewers.
 *
 * Written, it is eight groups of four letters and digits in the alphabet of
 * bech32m (BIP 350): either case, no `1`, `b`, `i` or `o` to be mistaken, and a
 * checksum that finds every error in up to four characters, so that a typing
 * error is not taken for a wrong key.
 *
 * @example
 * ```ts
 * import { Key } from "@camcat/camcat";
 * import { assertEquals } from "@std/assert";
 *
 * const key = Key.random();
 * assertEquals(Key.parse(key.text.toUpperCase()).text, key.text);
 * ```
 */
export class Key {
  #bytes: Uint8Array<ArrayBuffer>;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  /** Makes a new key. */
  static random(): Key {
    return new Key(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
  }

  /**
   * Reads a written key. Hyphens, spaces and case do not matter.
   *
   * @throws {UsageError} if it is no key; the message does not repeat it
   */
  static parse(text: string): Key {
    const characters = text.toLowerCase().replace(/[\s-]/g, "")
      // What these look like; no key has them.
      .replaceAll("o", "0").replace(/[1i]/g, "l");
    if (characters.length !== KEY_CHARACTERS) {
      throw new UsageError(
        `Cannot use the key: it must have ${KEY_CHARACTERS} letters and digits, ` +
          `received ${characters.length}. Copy it again`,
      );
    }
    // What it throws when it fails repeats the key.
    const decoded = bech32m.decodeUnsafe(`${PREFIX}1${characters}`);
    if (decoded === undefined) {
      throw new UsageError(
        "Cannot use the key: there is a typing error in it. Compare it with the one you were given",
      );
    }
    const bytes = bech32m.fromWordsUnsafe(decoded.words);
    if (bytes?.length !== KEY_BYTES) {
      throw new UsageError("Cannot use the key: it is damaged. Copy it again");
    }
    return new Key(new Uint8Array(bytes));
  }

  /** The key, written. Whoever reads it can watch. */
  get text(): string {
    const written = bech32m.encode(PREFIX, bech32m.toWords(this.#bytes));
    return written.slice(PREFIX.length + 1).replace(/.{4}(?=.)/g, "$&-");
  }

  /** The 16 secret bytes, to derive other secrets from. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }
}
