// @ts-types="../../lib/std.d.ts"
import { assertEquals } from "@std/assert";
import { adviceOnLimit } from "../../lib/redis/output_limit.ts";

const OTHERS = "normal 0 0 0 slave 268435456 67108864 60";

Deno.test("adviceOnLimit() tells of limits for subscribers that are missing, large or small", () => {
  const cases: [string, string | undefined][] = [
    ["pubsub 33554432 8388608 60", undefined], // as Redis has it
    ["pubsub 134217728 0 0", undefined],
    ["pubsub 0 8388608 60", undefined],
    ["pubsub 0 0 0", "keeps too much"],
    ["pubsub 1073741824 8388608 60", "keeps too much"],
    ["pubsub 1048576 0 0", "for which 1.0 MB wait"],
    ["pubsub 33554432 262144 10", "for which 262.1 kB wait"],
    ["", undefined],
  ];
  for (const [limit, advice] of cases) {
    const given = adviceOnLimit(`${OTHERS} ${limit}`);
    assertEquals(advice === undefined ? given === undefined : given?.includes(advice), true, limit);
  }
});
