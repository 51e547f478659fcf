// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { DOWN, readTerminalInput, UP } from "../../lib/display/terminal_input.ts";

Deno.test({
  name: "readTerminalInput() separates keys, answers and the rest",
  permissions: "none",
  fn() {
    const cases: [text: string, keys: string[], answers: number, rest: string][] = [
      ["", [], 0, ""],
      ["q", ["q"], 0, ""],
      ["aq", ["a", "q"], 0, ""],
      ["\x1b", [], 0, "\x1b"],
      ["\x1b\x1b", ["\x1b"], 0, "\x1b"],
      ["\x1b[0n", [], 1, ""],
      ["\x1b[0nq\x1b[0n\x1b", ["q"], 2, "\x1b"],
      ["\x1b[", [], 0, "\x1b["],
      ["\x1b[0", [], 0, "\x1b[0"],
      ["\x1b[3n", [], 0, ""], // a malfunction is no answer
      ["\x1b[A\x1bOA\x1b[B\x1bOBq", [UP, UP, DOWN, DOWN, "q"], 0, ""], // both spellings
      ["\x1b[C\x1b[1;5Aq", ["q"], 0, ""], // other arrows, and those with Ctrl
      ["\x1bO", [], 0, "\x1bO"],
      ["\x1bq", [], 0, ""], // Alt and q
      ["\x1b[200~quit\x1b[201~", ["q", "u", "i", "t"], 0, ""],
      [`\x1b[${"1;".repeat(40)}`, [], 0, ""],
    ];
    for (const [text, keys, answers, rest] of cases) {
      assertEquals(readTerminalInput(text), { keys, answers, rest }, JSON.stringify(text));
    }
  },
});
