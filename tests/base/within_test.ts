// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { within } from "../../lib/base/within.ts";

Deno.test({
  name: "within() gives the value in time, otherwise undefined, and passes errors on",
  permissions: "none",
  async fn() {
    assertEquals(await within(Promise.resolve(7), 2 ** 30), 7);
    assertEquals(await within(new Promise(() => {}), 1), undefined);
    await assertRejects(() => within(Promise.reject(new RangeError("no")), 2 ** 30), RangeError);
  },
});
