// The sender that a relay gets its pictures from.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertStringIncludes } from "@std/assert";
import { KeyError } from "../../lib/base/errors.ts";
import { explainSourceKey, onOtherMachines } from "../../lib/relay/source.ts";
import type { Credential } from "../../lib/security/credentials.ts";
import { Key } from "../../lib/security/key.ts";

Deno.test("onOtherMachines() leaves out this machine, where the relay itself may be found", async () => {
  const own = Deno.networkInterfaces().map(({ address }) => address);
  const others = ["192.0.2.7", "2001:db8::7"];
  const found = ["localhost", ...own, others[0], "127.0.0.1", others[1]];
  const elsewhere = onOtherMachines(async function* () {
    for (const hostname of found) yield { hostname, port: 9000 };
  });
  const seen = await Array.fromAsync(elsewhere(new AbortController().signal));
  assertEquals(seen.map(({ hostname }) => hostname), others);
});

Deno.test("explainSourceKey() says what the user of a relay can do", () => {
  const key = Key.random();
  const address = { hostname: "10.9.8.7", port: 9000 };
  const explain = (problem: KeyError["problem"], from: Credential["from"]) =>
    explainSourceKey(new KeyError(problem, "x"), { address, credential: { key, from } }).message;
  assertStringIncludes(explain("wrong", "given"), "the key is wrong");
  assertStringIncludes(explain("not needed", "given"), "leave its key out");
  assertStringIncludes(explain("not needed", "remembered"), "receiver --forget 10.9.8.7:9000");
  assertStringIncludes(explain("not needed", "set up"), "--key-file instead of CAMCAT_KEY");
});
