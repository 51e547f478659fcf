// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { defined } from "../../lib/base/defined.ts";

Deno.test({
  name: "defined() leaves out undefined values, and nothing else",
  permissions: "none",
  fn() {
    assertEquals(Object.keys(defined({ a: 0, b: undefined, c: null, d: false })), ["a", "c", "d"]);
  },
});
