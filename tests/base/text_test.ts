// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { either } from "../../lib/base/text.ts";

Deno.test("either() joins alternatives as English does", () => {
  assertEquals(either(["a"]), "a");
  assertEquals(either(["a", "b"]), "a or b");
  assertEquals(either(["a", "b", "c"]), "a, b, or c");
});
