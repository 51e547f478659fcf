/**
 * The key: besides the address, it is all that a viewer needs to connect.
 *
 * @module
 */

import { UsageError } from "../base/errors.ts";
import {
  decodeKey,
  encodeKey,
  hasKeyChecksum,
  KEY_CHARACTERS,
  keyCharacters,
} from "../base/key_text.ts";

/** 128 bits cannot be guessed, and are short enough to copy by hand. */
const KEY_BYTES = 16;

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

  /** The key with these 16 bytes. */
  static of(bytes: Uint8Array): Key {
    if (bytes.length !== KEY_BYTES) throw new RangeError("A key must have 16 bytes");
    return new Key(new Uint8Array(bytes));
  }

  /**
   * Parses the text form. Hyphens, spaces and case do not matter.
   *
   * @throws {UsageError} if it is not a key; the message does not repeat the text
   */
  static parse(text: string): Key {
    const characters = keyCharacters(text);
    if (characters.length !== KEY_CHARACTERS) {
      throw new UsageError(
        `Cannot use the key: it must have ${KEY_CHARACTERS} letters and digits, ` +
          `received ${characters.length}. Copy it again`,
      );
    }
    if (!hasKeyChecksum(characters)) {
      throw new UsageError(
        "Cannot use the key: it contains a typing error. Compare it with the original",
      );
    }
    const bytes = decodeKey(characters);
    if (bytes?.length !== KEY_BYTES) {
      throw new UsageError("Cannot use the key: it is damaged. Copy it again");
    }
    return new Key(new Uint8Array(bytes));
  }

  /** The text form. Anyone who has it can watch. */
  get text(): string {
    return encodeKey(this.#bytes);
  }

  /** The 16 secret bytes, from which other secrets are derived. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }
}
