/**
 * The key: besides the address, it is all that a viewer needs to connect.
 *
 * @module
 */

import { bech32m } from "@scure/base";
import { UsageError } from "../base/errors.ts";

/** 128 bits cannot be guessed, and are short enough to copy by hand. */
const KEY_BYTES = 16;
/** Characters of the text form: 26 for 128 bits, 6 for the checksum. */
const KEY_CHARACTERS = 32;
/** The human-readable part of bech32m. It goes into the checksum, but not into the text form. */
const PREFIX = "camcat";

/**
 * A secret of 128 random bits, shared by a sender and its viewers.
 *
 * Its text form is eight groups of four letters and digits in the alphabet of bech32m (BIP 350),
 * which lacks the easily mistaken `1`, `b`, `i` and `o`; case does not matter. The checksum finds
 * every error in up to four characters, so a typing error is reported as such.
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
   * Parses the text form. Hyphens, spaces and case do not matter.
   *
   * @throws {UsageError} if it is not a key; the message does not repeat the text
   */
  static parse(text: string): Key {
    const characters = text.toLowerCase().replace(/[\s-]/g, "")
      // Characters that no key has, and what they look like.
      .replaceAll("o", "0").replace(/[1i]/g, "l");
    if (characters.length !== KEY_CHARACTERS) {
      throw new UsageError(
        `Cannot use the key: it must have ${KEY_CHARACTERS} letters and digits, ` +
          `received ${characters.length}. Copy it again`,
      );
    }
    // The error of the throwing variant would repeat the key.
    const decoded = bech32m.decodeUnsafe(`${PREFIX}1${characters}`);
    if (decoded === undefined) {
      throw new UsageError(
        "Cannot use the key: it contains a typing error. Compare it with the original",
      );
    }
    const bytes = bech32m.fromWordsUnsafe(decoded.words);
    if (bytes?.length !== KEY_BYTES) {
      throw new UsageError("Cannot use the key: it is damaged. Copy it again");
    }
    return new Key(new Uint8Array(bytes));
  }

  /** The text form. Anyone who has it can watch. */
  get text(): string {
    const written = bech32m.encode(PREFIX, bech32m.toWords(this.#bytes));
    return written.slice(PREFIX.length + 1).replace(/.{4}(?=.)/g, "$&-");
  }

  /** The 16 secret bytes, from which other secrets are derived. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }
}
