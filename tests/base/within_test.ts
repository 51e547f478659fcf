// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects } from "@std/assert";
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

Deno.test({
  name: "within() takes what came in time when this process was paused",
  permissions: { net: ["127.0.0.1"] },
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connecting = Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const connected = within(connecting, 10);
    const from = performance.now();
    while (performance.now() < from + 100); // nothing else runs meanwhile
    using connection = await connected;
    assert(connection !== undefined);
    (await listener.accept()).close();
  },
});
