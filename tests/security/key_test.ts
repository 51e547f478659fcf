// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { Key } from "../../lib/security/key.ts";
import { Random } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** The alphabet of bech32m (BIP 173). */
const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** What is no letter of it but is read as one. */
const LOOK_ALIKES: Record<string, string> = { "1": "l", i: "l", o: "0" };

/** Some keys, the same ones each time: one of all zeros and one of all ones among them. */
const KEYS: string[] = [
  "qqqq-qqqq-qqqq-qqqq-qqqq-qqqq-qqhm-vh75",
  "llll-llll-llll-llll-llll-llll-lud6-5m85",
  "rd7x-yfnc-rntl-ue5k-2vk3-jw92-gc0y-0amg",
  "0myx-800c-sw4c-czy9-52hw-yzsv-zqa7-jmkj",
];

function plain(text: string): string {
  return text.replaceAll("-", "");
}

/** Fails unless `text` is refused with `words`, and without a word of what was typed. */
function assertRefused(text: string, words: string): void {
  const error = assertThrows(() => Key.parse(text), UsageError, words, `"${text}"`);
  const typed = plain(text.trim().toLowerCase());
  const told = Deno.inspect(error).toLowerCase();
  // Whoever sees the log of a program must not see nearly all of a key.
  for (let at = 0; at + 8 <= typed.length; at++) {
    const part = typed.slice(at, at + 8);
    assert(!told.includes(part), `it tells "${part}": ${told}`);
  }
}

test("Key.parse() parses Key.text", () => {
  for (let count = 0; count < 100; count++) {
    const key = Key.random();
    assertMatch(key.text, /^([ac-hj-np-z02-9]{4}-){7}[ac-hj-np-z02-9]{4}$/);
    assertEquals(Key.parse(key.text).bytes, key.bytes);
  }
  for (const text of KEYS) assertEquals(Key.parse(text).text, text);
});

test("Key.random() makes 16 different bytes each time", () => {
  const texts = new Set(Array.from({ length: 1000 }, () => Key.random().text));
  assertEquals(texts.size, 1000);
  assertEquals(Key.random().bytes.length, 16);
});

test("Key.parse() ignores case, hyphens and spaces, and accepts look-alikes", () => {
  for (const text of KEYS) {
    const forms = [
      text.toUpperCase(),
      plain(text),
      plain(text).toUpperCase(),
      text.replaceAll("-", " "),
      `  ${text}\n`,
      `\t${[...plain(text)].join("-")}--`,
      text.replaceAll("0", "o").replaceAll("l", "1"),
      text.replaceAll("0", "O").replaceAll("l", "I"),
      text.replaceAll("l", "i"),
      text.slice(0, 20) + text.slice(20).toUpperCase(),
    ];
    for (const form of forms) assertEquals(Key.parse(form).text, text, form);
  }
});

test("Key.parse() finds every wrong character", () => {
  const others = [...ALPHABET, ...Object.keys(LOOK_ALIKES), ..."b!.é"];
  for (const text of KEYS.map(plain)) {
    for (let at = 0; at < text.length; at++) {
      for (const other of others) {
        if ((LOOK_ALIKES[other] ?? other) === text[at]) continue;
        assertRefused(text.slice(0, at) + other + text.slice(at + 1), "typing error");
      }
    }
  }
});

test("Key.parse() finds any two swapped neighbours", () => {
  for (const text of KEYS.map(plain)) {
    for (let at = 0; at + 1 < text.length; at++) {
      const [a, b] = text.slice(at, at + 2);
      if (a !== b) assertRefused(text.slice(0, at) + b + a + text.slice(at + 2), "typing error");
    }
  }
});

test("Key.parse() finds any errors in up to four characters", () => {
  const random = new Random(1);
  for (let count = 0; count < 5000; count++) {
    const characters = [...plain(random.pick(KEYS))];
    const right = characters.join("");
    for (let errors = 1 + random.below(4); errors > 0; errors--) {
      characters[random.below(characters.length)] = random.pick([...ALPHABET]);
    }
    if (characters.join("") !== right) assertRefused(characters.join(""), "typing error");
  }
});

test("Key.parse() says how long a key must be", () => {
  const text = plain(KEYS[2]);
  const cases: [string, number][] = [
    ["", 0],
    [" - - ", 0],
    [text.slice(1), 31],
    [text + "q", 33],
    [text + text, 64],
    ["camcat1" + text, 39],
    ["x".repeat(100_000), 100_000],
  ];
  for (const [text, length] of cases) {
    assertRefused(text, `it must have 32 letters and digits, received ${length}`);
  }
});

test("Key.parse() refuses other data with a right checksum", () => {
  // 26 letters hold 130 bits; the last 2 of a key are 0.
  assertRefused("qqqqqqqqqqqqqqqqqqqqqqqqqp2dczrx", "it is damaged");
  // Of something else than camcat.
  assertRefused("qqqqqqqqqqqqqqqqqqqqqqqqqq3c2apv", "typing error");
});
