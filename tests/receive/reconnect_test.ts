// receive() with a real connection that fails again and again.

// @ts-types="../../lib/std.d.ts"
import { assert, assertEquals } from "@std/assert";
import { Frame } from "../../lib/jpeg/frame.ts";
import { encodeFrame } from "../../lib/protocol/codec.ts";
import { receive } from "../../lib/receive/receive.ts";
import { jpeg } from "../support/jpegs.ts";

Deno.test("receive() waits longer and longer for a sender that ends each connection after a frame", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const times: number[] = [];
  const serving = (async () => {
    for (; times.length < 5;) {
      using connection = await listener.accept();
      times.push(performance.now());
      await connection.write(encodeFrame(Frame.from(jpeg(), { time: 0 })));
    }
    stop.abort();
  })();
  let frames = 0;
  for await (const _ of receive(listener.addr, { signal: stop.signal })) frames++;
  await serving;
  assert(frames >= 4, `${frames} frames`);
  const gaps = times.slice(1).map((time, index) => time - times[index]);
  // 0.2, 0.4, 0.8 and 1.6 s, each a quarter less at most.
  assertEquals(gaps.map((gap, index) => gap >= 150 * 2 ** index), [true, true, true, true]);
});
