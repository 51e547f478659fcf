/**
 * Inputs that are nearly right: what finds bugs in parsers.
 *
 * @module
 */

// @ts-types="../../lib/std.d.ts"
import { concat } from "@std/bytes/concat";
import type { Random } from "../support/random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What parsers of bytes have to look at closely: markers, lengths and their limits. */
const INTERESTING: Bytes[] = [
  ...["ffd8", "ffd8ff", "ffd9", "ffda", "ff", "ffff", "ff00", "ffc0", "ffe1", "ffd0", "ff01"],
  ...["00", "0000", "0001", "0002", "ffff", "7fff", "8000", "ffdaffff", "ffc00000"],
  ...["00000000", "00000001", "00001000", "00001001", "01000000", "01000001", "7fffffff"],
  ...["80000000", "ffffffff", "000000007b", "000000027b7d", "00000004ffd8ffd9"],
].map((hex) => Uint8Array.fromHex(hex));

/** The same for parsers of text. */
const INTERESTING_TEXTS = [
  ...["", " ", "\0", "\n", "-", "--", ":", "::", "/", "//", "[", "]", "[]", "%", "%eth0", "*", "."],
  ...["0", "1", "65535", "65536", "99999", "000080", "-1", "1e3", "0x50", "9007199254740993"],
  ...[
    "::ffff:1.2.3.4",
    "fe80::1",
    "127.0.0.1",
    "localhost",
    "\u0130",
    "\u212a",
    "\ud800",
    "\u202e",
  ],
  ...['"', "\\", "\\u0000", "{", "}", "null", "true", "1e999", "[[", '{"type":', '"__proto__":{},'],
];

/** A changed copy: flipped, cut, doubled, moved, spliced with another, or with something added. */
export function mutate(random: Random, input: Bytes, others: readonly Bytes[]): Bytes {
  let bytes = input;
  for (let count = 1 + random.below(1 << random.below(4)); count > 0; count--) {
    const [a, b] = [random.below(bytes.length + 1), random.below(bytes.length + 1)].sort((a, b) =>
      a - b
    );
    const [head, middle, tail] = [bytes.slice(0, a), bytes.slice(a, b), bytes.slice(b)];
    const short = bytes.slice(a, a + 1 + random.below(16));
    switch (random.below(9)) {
      case 0:
        if (bytes.length > 0) {
          bytes = bytes.slice();
          bytes[random.below(bytes.length)] ^= 1 << random.below(8);
        }
        break;
      case 1:
        if (bytes.length > 0) {
          bytes = bytes.slice();
          bytes[random.below(bytes.length)] = random.pick([0, 1, 0x7b, 0x7f, 0x80, 0xfe, 0xff]);
        }
        break;
      case 2:
        bytes = head;
        break;
      case 3:
        bytes = concat([bytes.slice(0, a), bytes.slice(a + short.length)]);
        break;
      case 4:
        bytes = concat([head, short, short, middle, tail]);
        break;
      case 5:
        bytes = concat([middle, head, tail]);
        break;
      case 6: {
        const other = random.pick(others);
        bytes = concat([head, other.slice(random.below(other.length + 1))]);
        break;
      }
      case 7:
        bytes = concat([head, random.pick(INTERESTING), middle, tail]);
        break;
      default: {
        // Over what is there, so that lengths around it stay right.
        const bits = random.pick(INTERESTING).slice(0, bytes.length - a);
        bytes = bytes.slice();
        bytes.set(bits, a);
      }
    }
    if (bytes.length > 1 << 20) bytes = bytes.slice(0, 1 << 20);
  }
  return bytes;
}

/** The same for text. */
export function mutateText(random: Random, input: string, others: readonly string[]): string {
  let text = input;
  for (let count = 1 + random.below(1 << random.below(3)); count > 0; count--) {
    const [a, b] = [random.below(text.length + 1), random.below(text.length + 1)].sort((a, b) =>
      a - b
    );
    const [head, middle, tail] = [text.slice(0, a), text.slice(a, b), text.slice(b)];
    switch (random.below(7)) {
      case 0:
        text = head + String.fromCharCode(random.below(random.pick([128, 0x10000]))) +
          text.slice(a + 1);
        break;
      case 1:
        text = head + text.slice(a + 1 + random.below(4));
        break;
      case 2:
        text = head + middle + middle + tail;
        break;
      case 3:
        text = middle + head + tail;
        break;
      case 4:
        text = head + random.pick(others).slice(random.below(8));
        break;
      case 5:
        text = head + random.pick(INTERESTING_TEXTS) + text.slice(a);
        break;
      default:
        text = random.pick([head, tail, text.toUpperCase(), text.toLowerCase()]);
    }
    text = text.slice(0, 10_000);
  }
  return text;
}
