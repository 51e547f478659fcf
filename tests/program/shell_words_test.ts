// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/base/errors.ts";
import { splitWords } from "../../lib/program/shell_words.ts";
import { fuzz } from "../support/random.ts";

function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("splitWords() splits at blanks and handles quotes and backslashes", () => {
  const cases: [string, string[]][] = [
    ["alarm", ["alarm"]],
    ["  alarm \t--loud\n5 ", ["alarm", "--loud", "5"]],
    ["'my alarm' a", ["my alarm", "a"]],
    ['"my alarm" a', ["my alarm", "a"]],
    ["my\\ alarm a", ["my alarm", "a"]],
    [`a'b c'"d e"f\\ g`, ["ab cd ef g"]],
    [`a '' "" b`, ["a", "", "", "b"]],
    [`a "it's"`, ["a", "it's"]],
    [`a 'say "yes"'`, ["a", 'say "yes"']],
    [`a "say \\"yes\\""`, ["a", 'say "yes"']],
    [`a "\\\\" \\\\`, ["a", "\\", "\\"]],
    [`a '\\'`, ["a", "\\"]],
    ["a \\\nb", ["a", "\nb"]],
    ["'C:\\Program Files\\a.exe' x", ["C:\\Program Files\\a.exe", "x"]],
    // A shell would do something with these.
    ["a $HOME ${X} $(touch x) `y`", ["a", "$HOME", "${X}", "$(touch", "x)", "`y`"]],
    ["a;b|c>d&e<f", ["a;b|c>d&e<f"]],
    ["a * ? ~ [x] {1,2} # !", ["a", "*", "?", "~", "[x]", "{1,2}", "#", "!"]],
    ["a \u00a0 \u00e4", ["a", "\u00a0", "\u00e4"]],
  ];
  for (const [text, words] of cases) assertEquals(splitWords(text), words as never, text);
});

test("splitWords() refuses a text that is not a command", () => {
  const cases: [string, string][] = [
    ["", "it must start with a program"],
    [" \n", "it must start with a program"],
    ["'' a", "it must start with a program"],
    ["a 'b", "it must have a closing quote"],
    ['a "b', "it must have a closing quote"],
    ['a "b\\"', "it must have a closing quote"],
    ["a \\", "it must have a character after its last backslash"],
  ];
  for (const [text, message] of cases) {
    assertThrows(() => splitWords(text), UsageError, message, text);
  }
});

test("splitWords() returns any quoted text unchanged", () => {
  const characters = [
    "a",
    " ",
    "'",
    '"',
    "\\",
    "\t",
    "\n",
    "$",
    "(",
    ";",
    "\ud83d\ude00",
    "\ud83d",
  ];
  const quotings = [
    (word: string) => `'${word.replaceAll("'", `'\\''`)}'`,
    (word: string) => `"${word.replace(/["\\]/g, "\\$&")}"`,
    (word: string) => word === "" ? "''" : word.replace(/[^]/g, "\\$&"),
  ];
  fuzz(2000, (random) => {
    const text = (least: number) =>
      Array.from({ length: least + random.below(8) }, () => random.pick(characters)).join("");
    const words = [text(1), ...Array.from({ length: random.below(4) }, () => text(0))];
    const command = words.map((word) => random.pick(quotings)(word)).join(
      random.pick([" ", "\t\n "]),
    );
    assertEquals(splitWords(command), words as never);
  });
});

test("splitWords() accepts or refuses any text, and never returns more than the text holds", () => {
  const characters = ["a", " ", "'", '"', "\\", "\n", "\0", "\u00a0"];
  fuzz(5000, (random) => {
    const length = random.below(30);
    const text = Array.from({ length }, () => random.pick(characters)).join("");
    try {
      const words = splitWords(text);
      assert(words.length > 0 && words.join("").length <= text.length);
    } catch (error) {
      assert(error instanceof UsageError, `${error}`);
    }
  });
});
