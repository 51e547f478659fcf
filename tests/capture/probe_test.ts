// Real ffprobe, and a server that takes the connection and says nothing.

// @ts-types="../../lib/std.d.ts"
import { assertEquals, assertRejects } from "@std/assert";
import { capture } from "../../lib/capture/capture.ts";
import { CamcatError } from "../../lib/base/errors.ts";
import { probe } from "../../lib/capture/probe.ts";
import type { Source } from "../../lib/capture/source.ts";
import { Time } from "../support/time.ts";

/** Does something with its URL; `onAsked` is called when ffprobe has connected. */
async function withSilentServer<T>(
  action: (source: Source) => Promise<T>,
  onAsked: () => unknown,
): Promise<T> {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = server.accept();
  const result = action({ kind: "url", url: `tcp://127.0.0.1:${server.addr.port}` });
  using _connection = await accepting;
  await onAsked();
  return await result;
}

Deno.test("probe() gives up a server that shows nothing, and says so", async () => {
  using time = new Time();
  const { signal } = new AbortController();
  await assertRejects(
    () => withSilentServer((source) => probe(source, { signal }), () => time.pass(15_000)),
    CamcatError,
    "it shows nothing within 15 s",
  );
});

Deno.test("capture() ends without an error when it is aborted before ffprobe has an answer", async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const frames = await withSilentServer(
    (source) => Array.fromAsync(capture(source, { signal })),
    () => stop.abort(),
  );
  assertEquals(frames, []);
});
