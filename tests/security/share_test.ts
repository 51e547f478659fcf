// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { readShare, SHARE_CHARACTERS, signShare } from "../../lib/security/share.ts";

const KEY = new Uint8Array(32).fill(7);
const UNTIL = 1_800_000_000_000;

Deno.test("a view-only token is valid until its time, for its camera or for every one", async () => {
  for (const camera of [undefined, "door", "Tür ".repeat(100)]) {
    const token = await signShare(KEY, UNTIL, camera);
    assertEquals(token.length, SHARE_CHARACTERS);
    const share = await readShare(KEY, token, UNTIL - 1);
    assertEquals(share?.until, UNTIL);
    assertEquals(await share!.includes(camera ?? "any"), true);
    assertEquals(await share!.includes("another"), camera === undefined);
    assertEquals(await readShare(KEY, token, UNTIL), undefined, "its time is over");
  }
});

Deno.test("a view-only token holds beyond 2106, where 32 bits of seconds end", async () => {
  const until = 2 ** 33 * 1000;
  assertEquals((await readShare(KEY, await signShare(KEY, until), 0))?.until, until);
});

Deno.test("a token that was changed anywhere, or signed with another key, is none", async () => {
  const token = await signShare(KEY, UNTIL, "door");
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "A" ? "B" : "A";
    const changed = token.slice(0, at) + other + token.slice(at + 1);
    // The last character has bits that stand for nothing.
    if (at === token.length - 1) continue;
    assertEquals(await readShare(KEY, changed, 0), undefined, changed);
  }
  assertEquals(await readShare(new Uint8Array(32), token, 0), undefined);
  for (const text of ["", "A", `${token}A`, "=".repeat(SHARE_CHARACTERS), " ".repeat(39)]) {
    assertEquals(await readShare(KEY, text, 0), undefined, text);
  }
  assert(await readShare(KEY, token, 0));
});
