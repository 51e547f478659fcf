// The sender that a relay gets its pictures from.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { KeyError, UsageError } from "../../lib/base/errors.ts";
import { explainSourceKey, findRelaySource, type RelaySource } from "../../lib/relay/source.ts";
import { Key } from "../../lib/security/key.ts";

const { signal } = new AbortController();
const find = (text: string) => findRelaySource(text, signal, () => {});

Deno.test("findRelaySource() reads an address with its key and camera", async () => {
  const key = Key.random();
  const source = await find(`camcat://10.9.8.7:9001/${key.text}/front/door`);
  assertEquals([source.from, source.camera], ["10.9.8.7:9001", "front/door"]);
  assertEquals(await source.locate(signal), { hostname: "10.9.8.7", port: 9001 });
  assertEquals([source.credential?.key.text, source.credential?.from], [key.text, "given"]);
  const { from, camera } = await find(`CAMCAT://[2001:db8::1]/${key.text}/`);
  assertEquals([from, camera], ["[2001:db8::1]:9000", undefined]);
});

Deno.test("findRelaySource() refuses what is no address, without the key in its message", async () => {
  for (const text of ["camcat:", "camcat://", "camcat://a b/", "camcat://host/short-key"]) {
    await assertRejects(() => find(text), UsageError, "Cannot");
  }
  const { text } = Key.random();
  const mistyped = text.slice(0, -1) + (text.endsWith("q") ? "p" : "q");
  const error = await assertRejects(() => find(`camcat://host/${mistyped}`), UsageError);
  assert(!error.message.includes(mistyped), error.message);
});

Deno.test("explainSourceKey() says what the user of a relay can do", () => {
  const key = Key.random();
  const address = { hostname: "10.9.8.7", port: 9000 };
  const source = (from: "given" | "set up" | "remembered" | "own"): RelaySource => ({
    ...{ from: "door", camera: undefined, address, credential: { key, from } },
    locate: () => Promise.resolve(address),
  });
  const explain = (problem: KeyError["problem"], from: "given" | "set up" | "remembered" | "own") =>
    explainSourceKey(new KeyError(problem, "x"), source(from)).message;
  assertStringIncludes(explain("wrong", "given"), "the key is wrong");
  assertStringIncludes(explain("not needed", "given"), "leave its key out");
  assertStringIncludes(explain("not needed", "remembered"), "receiver --forget 10.9.8.7:9000");
  assertStringIncludes(explain("not needed", "set up"), "--key-file instead of CAMCAT_KEY");
});
