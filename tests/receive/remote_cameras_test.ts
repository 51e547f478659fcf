// @ts-types="../../lib/std.d.ts"
import { assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { camerasOf } from "../../lib/receive/remote_cameras.ts";
import { until } from "../support/patience.ts";
import { Time } from "../support/time.ts";

/** Asks a peer that takes the connection and sends nothing. */
async function ask(signal: AbortSignal, onAccepted: () => unknown): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const asking = camerasOf(listener.addr, { signal });
  using _connection = await accepting;
  await Promise.all([asking, onAccepted()]);
}

Deno.test("camerasOf() says that there is no answer", async () => {
  using time = new Time();
  await assertRejects(
    () =>
      ask(new AbortController().signal, async () => {
        await until(() => time.dueMs.includes(5000), "the wait for the answer");
        await time.pass(5000);
      }),
    CamcatError,
    "Cannot list the cameras: no answer within 5 s",
  );
});

Deno.test("camerasOf() waits no more for an answer when its signal is aborted", async () => {
  const stop = new AbortController();
  await assertRejects(
    () => ask(stop.signal, () => stop.abort()),
    CamcatError,
    "stopped",
  );
});
