// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { channelsOf, nameOfKey } from "../../lib/broker/channels.ts";

/** What a Cluster hashes ("Redis cluster specification", section "Hash tags"). */
function hashed(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

Deno.test("channelsOf() keeps all of a camera at one node of a Cluster, whatever its name", () => {
  for (const name of ["door", "Küche 2", "}", "{a}b", "a:frames", "%"]) {
    const { key, frames, questions, answers } = channelsOf(name);
    assertEquals(new Set([key, frames, questions, answers("00")].map(hashed)).size, 1, name);
    assertEquals(nameOfKey(key), name);
    for (const channel of [frames, questions, answers("00")]) {
      assertEquals(nameOfKey(channel), undefined);
    }
  }
  assert(channelsOf("a").key !== channelsOf("b").key);
});

Deno.test("nameOfKey() refuses keys that are not ours", () => {
  for (const key of ["", "camcat:{}", "camcat:{%}", "camcat:{%ff}", "x:{door}", "camcat:door"]) {
    assertEquals(nameOfKey(key), undefined, key);
  }
});
