// @ts-types="../../lib/std.d.ts"
import { assertRejects } from "@std/assert";
import { CamcatError } from "../../lib/base/errors.ts";
import { camerasOf } from "../../lib/receive/remote_cameras.ts";

/** Asks somebody who takes the connection and says nothing. */
async function ask(signal: AbortSignal, onAccepted: () => void): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  const asking = camerasOf(listener.addr, { signal });
  using _connection = await accepting;
  onAccepted();
  await asking;
}

Deno.test("camerasOf() says that there is no answer", async () => {
  await assertRejects(
    () => ask(new AbortController().signal, () => {}),
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
